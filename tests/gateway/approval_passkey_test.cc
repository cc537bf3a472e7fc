// Decisions signed with a passkey, at the desk: what counts, and each thing that must not.
#include <gtest/gtest.h>

#include "operators/approval/approval_wire.h"
#include "tests/gateway/approval_rig.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Decision;
using approval::Evidence;
using approval::Phase;
using approval::SoftwarePasskey;

std::string code_of(const Result<json::Object>& result) {
  return result ? "decided" : std::string(code_name(result.error().code));
}

class ApprovalPasskey : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig.enroll("ann", {"approver"}));
    ASSERT_TRUE(rig.enroll_passkey("bob", bob, {"approver"}));
  }
  approval::Statement said(const std::string& name = "bob", Decision what = Decision::kApprove) {
    return rig.statement(name, rig.only(), what);
  }

  json::Value record_of(const std::string& id) {
    for (std::uint64_t i = 0; i < rig.ledger->size(); ++i) {
      const Result<jose::Jws> jws = jose::decode(*rig.ledger->entry(i));
      if (jws && json::find_string(jws->payload, {"jti"}) == id) {
        return jws->payload;
      }
    }
    return {};
  }

  ApprovalRig rig;
  SoftwarePasskey bob{*rig.party};
};

TEST_F(ApprovalPasskey, ApprovesAndTheRecordProvesIt) {
  CallView& call = rig.hold("pay");
  const Evidence shown = bob.sign(said());
  const Result<json::Object> decided = rig.post(shown);
  ASSERT_TRUE(decided) << decided.error().message;
  EXPECT_EQ(decided->at("phase"), "approved");
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
  const json::Value kept = record_of(std::string(decided->at("record").as_string()));
  const json::Value* body = json::find(kept, {"ect_ext", "pawl.approval"});
  ASSERT_NE(body, nullptr);
  const auto event = approval::read_event("approval.decided", *body);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(std::get<approval::Decided>(*event).evidence, shown);
}

TEST_F(ApprovalPasskey, Denies) {
  CallView& call = rig.hold("pay");
  ASSERT_TRUE(rig.post(bob.sign(said("bob", Decision::kDeny))));
  EXPECT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.forwarded);
}

TEST_F(ApprovalPasskey, OneThingWrongEachIsRefused) {
  rig.hold("pay");
  const sign_in::RelyingParty elsewhere{"pawl.example.org", "https://evil.example"};
  const sign_in::RelyingParty other{"example.org", "https://pawl.example.org"};
  const SoftwarePasskey stranger(*rig.party);
  const approval::Statement good = said();
  approval::Statement of_ann = said("ann");
  approval::Statement other_role = good;
  other_role.role = "admin";
  approval::Statement other_nonce = good;
  other_nonce.nonce = approval::draft_statement(rig.only(), "x", Decision::kDeny).binding.digest;
  const Evidence signed_well = bob.sign(good);
  const auto with = [&](std::string Evidence::*part, std::string text) {
    Evidence out = signed_well;
    out.*part = std::move(text);
    return out;
  };
  const struct {
    const char* name;
    Evidence shown;
    const char* outcome;
  } cases[] = {
      {"nobody recognized the person", bob.sign(good, SoftwarePasskey::kPresent), "token_invalid"},
      {"nobody was there", bob.sign(good, SoftwarePasskey::kVerified), "token_invalid"},
      {"another challenge", bob.sign(signed_well.statement, sha256("another")), "token_invalid"},
      {"a key that nobody enrolled", stranger.sign(good), "forbidden"},
      {"in the name of somebody else", bob.sign(of_ann), "token_invalid"},
      {"in a role that they do not have", bob.sign(other_role), "forbidden"},
      {"for another approval's nonce", bob.sign(other_nonce), "token_invalid"},
      {"a signature of another key", with(&Evidence::signature, stranger.sign(good).signature),
       "bad_signature"},
      {"another statement",
       with(&Evidence::statement, bob.sign(said("bob", Decision::kDeny)).statement),
       "token_invalid"},
      {"no signature", with(&Evidence::signature, ""), "token_invalid"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(code_of(rig.post(one.shown)), one.outcome);
  }
  // The same authenticator, on another page or under another name: the party is what we know.
  for (const sign_in::RelyingParty& party : {elsewhere, other}) {
    rig.party = party;
    EXPECT_EQ(code_of(rig.post(signed_well)), "token_invalid") << party.origin;
  }
  rig.party.reset();
  EXPECT_EQ(code_of(rig.post(signed_well)), "unsupported") << "no address of people is known";
  EXPECT_EQ(rig.only().phase, Phase::kPending);
  EXPECT_TRUE(rig.only().by.empty());
}

TEST_F(ApprovalPasskey, CountsOnceAndForNoOtherApproval) {
  CallView& call = rig.hold("pay");
  const Evidence shown = bob.sign(said());
  ASSERT_TRUE(rig.post(shown));
  EXPECT_EQ(code_of(rig.post(shown)), "conflict");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return rig.only().delivered; }));
  CallView& next = rig.hold("pay");
  ASSERT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 2; }));
  EXPECT_EQ(code_of(rig.post(shown)), "conflict") << "the next question has another nonce";
  EXPECT_FALSE(next.forwarded);
}

TEST_F(ApprovalPasskey, OfSomebodyWithAKeyFileTooIsOnePerson) {
  ApprovalRig two(HoldTerms{{"approver"}, 2, 1, 900, {}});
  ASSERT_TRUE(two.enroll("ann", {"approver"}));
  const SoftwarePasskey of_ann(*two.party), of_bob(*two.party);
  ASSERT_TRUE(two.enroll_passkey("ann", of_ann, {"approver"}));
  ASSERT_TRUE(two.enroll_passkey("bob", of_bob, {"approver"}));
  two.hold("pay");
  const Approval& asked = two.only();
  const auto said_by = [&](const char* name) {
    return two.statement(name, asked, Decision::kApprove);
  };
  ASSERT_TRUE(two.decide("ann", asked, Decision::kApprove));
  EXPECT_EQ(code_of(two.post(of_ann.sign(said_by("ann")))), "conflict");
  ASSERT_TRUE(two.post(of_bob.sign(said_by("bob"))));
  EXPECT_EQ(asked.phase, Phase::kApproved);
}

TEST_F(ApprovalPasskey, ARevokedOneDecidesNothing) {
  rig.hold("pay");
  rig.revoked.insert(bob.kid());
  EXPECT_EQ(code_of(rig.post(bob.sign(said()))), "forbidden");
}

TEST_F(ApprovalPasskey, IsAKeyOfNoTokenAndAKeyFileIsNoPasskey) {
  rig.hold("pay");
  approval::Statement of_ann = said("ann");
  of_ann.key = rig.keys.at("ann").public_key().thumbprint();
  EXPECT_EQ(
      code_of(rig.post(Evidence{"", approval::canonical_statement(of_ann), "AA", "AA", "AA"})),
      "forbidden");
}

// The signature is what the control is for: without it a statement that nobody signed counts.
TEST_F(ApprovalPasskey, TheControlIsWhatRefuses) {
  const Unplugged out(ControlId::kApprovalPasskey);
  rig.hold("pay");
  const SoftwarePasskey stranger(*rig.party);
  approval::Statement forged = said();
  EXPECT_EQ(code_of(rig.post(stranger.sign(forged))), "decided");
}

}  // namespace
}  // namespace pawl
