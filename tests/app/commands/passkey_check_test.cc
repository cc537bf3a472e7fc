// What `pawl verify` finds in decisions that were signed with a passkey.
#include "app/commands/approval_check.h"

#include <functional>

#include "tests/app/commands/approval_rig.h"
#include "tests/operators/approval/software_passkey.h"

namespace pawl {
namespace {

using approval::SoftwarePasskey;
using ledger::Verdict;

const sign_in::RelyingParty kHere{"pawl.example.org", "https://pawl.example.org"};
const sign_in::RelyingParty kEvil{"pawl.example.org", "https://evil.example"};
const sign_in::RelyingParty kOther{"example.org", "https://pawl.example.org"};

class PasskeyCheck : public ApprovalLog {
 protected:
  // Ada is enrolled with a key file, bob with this passkey; somebody wants a call.
  void asked_of(const SoftwarePasskey& passkey) {
    enroll("ada", {"admin", "approver"});
    approval::Enrollment said = enrollment("bob", {"approver"}, "ada");
    said.key = passkey.key();
    said.kid = passkey.kid();
    said.passkey = approval::Passkey{passkey.passkey().credential, kHere.id};
    record(said);
    ask();
  }
  approval::Decided decided_by(const SoftwarePasskey& passkey, const approval::Statement& said,
                               char flags = SoftwarePasskey::kPresent |
                                            SoftwarePasskey::kVerified) {
    approval::Decided event = decision(said, "bob");
    approval::Statement complete = said;
    complete.key = passkey.kid();
    event.by.key = passkey.kid();
    event.by.statement = digest_text(approval::statement_digest(complete));
    event.evidence = passkey.sign(said, flags);
    return event;
  }
  ApprovalFinding find(std::vector<sign_in::RelyingParty> parties) {
    ApprovalCheck check([](std::string_view) { return false; }, std::move(parties));
    ApprovalFinding out = found(check);
    decisions_ = check.counts().decisions;
    return out;
  }

  SoftwarePasskey bob_{kHere};
  std::uint64_t decisions_ = 0;
};

TEST_F(PasskeyCheck, IsGoodWhereTheVerifierKnowsThePage) {
  asked_of(bob_);
  decide(decided_by(bob_, statement("bob")));
  spend();
  const ApprovalFinding good = find({kHere});
  EXPECT_EQ(good.verdict, Verdict::kGood) << good.what;
  EXPECT_EQ(decisions_, 1u);
  // The address of people changed once: one page or the other.
  EXPECT_EQ(find({kEvil, kHere}).verdict, Verdict::kGood);
}

TEST_F(PasskeyCheck, IsOpenWhereTheVerifierDoesNotKnowIt) {
  asked_of(bob_);
  decide(decided_by(bob_, statement("bob")));
  spend();
  for (const std::vector<sign_in::RelyingParty>& known :
       {std::vector<sign_in::RelyingParty>{}, {kOther}}) {
    const ApprovalFinding open = find(known);
    EXPECT_EQ(open.verdict, Verdict::kUnknown) << open.what;
    EXPECT_NE(open.what.find("--rp ORIGIN"), std::string::npos) << open.what;
  }
}

TEST_F(PasskeyCheck, OneThingWrongEachIsBad) {
  const SoftwarePasskey stranger(kHere), elsewhere(kEvil), renamed(kOther);
  const auto as_signed = [&](const std::function<void(approval::Decided&)>& change) {
    asked_of(bob_);
    approval::Decided event = decided_by(bob_, statement("bob"));
    change(event);
    decide(event);
  };
  const struct {
    const char* name;
    std::function<void()> make;
  } cases[] = {
      {"a passkey that nobody enrolled",
       [&] {
         asked_of(bob_);
         decide(decided_by(stranger, statement("bob")));
       }},
      {"on another page",
       [&] {
         asked_of(elsewhere);
         decide(decided_by(elsewhere, statement("bob")));
       }},
      {"of another name",
       [&] {
         asked_of(renamed);
         decide(decided_by(renamed, statement("bob")));
       }},
      {"the person was not recognized",
       [&] {
         asked_of(bob_);
         decide(decided_by(bob_, statement("bob"), SoftwarePasskey::kPresent));
       }},
      {"another challenge",
       [&] {
         as_signed([&](approval::Decided& event) {
           event.evidence = bob_.sign(event.evidence.statement, sha256("another"));
         });
       }},
      {"another signature",
       [&] {
         as_signed([&](approval::Decided& event) {
           event.evidence.signature = stranger.sign(statement("bob")).signature;
         });
       }},
      {"the record says another thing than was signed",
       [&] { as_signed([](approval::Decided& event) { event.by.uses = 2; }); }},
      {"another statement",
       [&] {
         as_signed([&](approval::Decided& event) {
           event.evidence.statement = bob_.sign(statement("bob", Decision::kDeny)).statement;
         });
       }},
      {"signed by the revoked key",
       [&] {
         asked_of(bob_);
         override_::Revocation revocation{record_id(2'000), "key:" + bob_.kid(), "stolen", "ada",
                                          WallTime{now() * 1'000'000}};
         json::Object body;
         body["revocation"] = override_::print_revocation(revocation);
         add(kinds::kIdentityRevoked, std::move(body));
         decide(decided_by(bob_, statement("bob")));
       }},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    log_.clear();
    state_ = {};
    one.make();
    const ApprovalFinding bad = find({kHere});
    EXPECT_EQ(bad.verdict, Verdict::kBad) << bad.what;
    EXPECT_EQ(decisions_, 0u);
  }
}

// The same as the command takes it: by option, and from the trust file.
TEST_F(PasskeyCheck, TheCommandTakesThePageFromItsOptionOrTheTrustFile) {
  asked_of(bob_);
  decide(decided_by(bob_, statement("bob")));
  spend();
  append(log_);
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  const std::vector<std::string> verify = {"verify", "pawl-data", "--trust", "log.trust"};
  const auto with = [&](const char* page) {
    std::vector<std::string> out = verify;
    out.insert(out.end(), {"--rp", page});
    return run(out);
  };
  const Ran open = run(verify);
  EXPECT_EQ(open.exit, kExitUnclear) << open.out;
  EXPECT_NE(open.out.find("signed with a passkey of pawl.example.org"), std::string::npos)
      << open.out;
  EXPECT_EQ(with("https://pawl.example.org").exit, kExitGood);
  EXPECT_EQ(with("https://pawl.example.org:8443").exit, kExitBad);
  EXPECT_EQ(with("https://pawl.example.org/x").exit, kExitUnclear);
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust", "--rp", "https://pawl.example.org"}).exit,
            kExitGood);
  EXPECT_EQ(run(verify).exit, kExitGood);
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  EXPECT_EQ(run(verify).exit, kExitGood) << "what was pinned before stays";
}

TEST_F(PasskeyCheck, ATrustFileNamesPagesByTheirHost) {
  enroll_both();
  append(log_);
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  json::Value trust = json::parse(read("log.trust"))->value;
  const auto parties = [&](const char* text) {
    trust.as_object()["relying_parties"] = json::parse(text)->value;
    return ledger::parse_trust(json::print(trust));
  };
  const auto two = parties(R"([{"id":"pawl.example.org","origin":"https://pawl.example.org"},
                               {"id":"localhost","origin":"http://localhost:7701"}])");
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(two->relying_parties.size(), 2u);
  EXPECT_EQ(ledger::parse_trust(ledger::print_trust(*two))->relying_parties, two->relying_parties);
  for (const char* wrong :
       {"{}", "[1]", R"([{"id":"example.org","origin":"https://pawl.example.org"}])",
        R"([{"id":"pawl.example.org","origin":"https://pawl.example.org/"}])",
        R"([{"id":"pawl.example.org","origin":"pawl.example.org"}])",
        R"([{"id":"","origin":"https://"}])", R"([{"origin":"https://pawl.example.org"}])",
        R"([{"id":"a@b","origin":"https://a@b"}])"}) {
    EXPECT_FALSE(parties(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace pawl
