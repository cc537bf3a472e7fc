#include "operators/approval/statement.h"

#include <gtest/gtest.h>

#include "foundation/records/names.h"
#include "operators/approval/statement_wire.h"
#include "tests/operators/approval/held_call.h"

namespace pawl::approval {
namespace {

class ApprovalStatement : public testing::Test {
 protected:
  ApprovalStatement() {
    EXPECT_EQ(run(state_, request_of(1, {{"approver"}, 1, 3, 900, {}})), std::nullopt);
    operators_ = {{"ada", ada_.public_key(), ada_.public_key().thumbprint(), {"approver"}},
                  {"bob", bob_.public_key(), bob_.public_key().thumbprint(), {"viewer"}}};
  }

  Statement said(Decision decision = Decision::kApprove) {
    Statement out = draft_statement(first(state_), kSelf, decision);
    out.operator_name = "ada";
    out.role = "approver";
    out.key = operators_[0].kid;
    return out;
  }

  // What verifying and deciding answer together; nothing: it counted.
  std::optional<Code> answer(const std::string& token, std::int64_t now = kNow + 1) {
    Result<VerifiedStatement> verified = verify_statement(token, operators_);
    if (!verified) {
      return verified.error().code;
    }
    ApprovalState copy = state_;
    return run(copy, Decide{verified->statement, verified->evidence, kSelf}, now);
  }

  SigningKey ada_ = *SigningKey::generate(KeyKind::kP256);
  SigningKey bob_ = *SigningKey::generate(KeyKind::kP256);
  std::vector<Operator> operators_;
  ApprovalState state_;
};

TEST_F(ApprovalStatement, OneMemberChangedEachIsRefused) {
  const struct {
    const char* name;
    Decision decision;
    void (*change)(Statement&);
    Code code;
  } cases[] = {
      {"instance", Decision::kApprove, [](Statement& s) { s.instance += "2"; },
       Code::kTokenInvalid},
      {"another approval", Decision::kApprove, [](Statement& s) { s.approval = id_of(2); },
       Code::kNotFound},
      {"agent", Decision::kApprove, [](Statement& s) { s.binding.agent += "2"; },
       Code::kTokenInvalid},
      {"server, digest too", Decision::kApprove,
       [](Statement& s) {
         s.binding.server = "mail";
         s.binding_digest = binding_digest(s.binding);
       },
       Code::kTokenInvalid},
      {"workflow", Decision::kApprove, [](Statement& s) { s.binding.workflow = id_of(4); },
       Code::kTokenInvalid},
      {"binding digest", Decision::kApprove,
       [](Statement& s) { s.binding_digest = digest_of("other"); }, Code::kTokenInvalid},
      {"terms of another rule", Decision::kApprove,
       [](Statement& s) {
         s.terms_digest = terms_digest({{"approver"}, 2, 3, 900, {}}, "");
       },
       Code::kTokenInvalid},
      {"of nobody's agent", Decision::kApprove,
       [](Statement& s) {
         s.terms_digest = terms_digest({{"approver"}, 1, 3, 900, {}}, "eve");
       },
       Code::kTokenInvalid},
      {"a denial on other terms", Decision::kDeny,
       [](Statement& s) {
         s.terms_digest = terms_digest({{"approver"}, 1, 4, 900, {}}, "");
       },
       Code::kTokenInvalid},
      {"requested", Decision::kApprove, [](Statement& s) { s.requested = digest_of("other"); },
       Code::kTokenInvalid},
      {"executed is no digest", Decision::kApprove, [](Statement& s) { s.executed = "*"; },
       Code::kTokenInvalid},
      {"nonce", Decision::kApprove, [](Statement& s) { s.nonce = digest_of("nonce2"); },
       Code::kTokenInvalid},
      {"no uses", Decision::kApprove, [](Statement& s) { s.uses = 0; }, Code::kInvalidParams},
      {"more uses than the rule's", Decision::kApprove, [](Statement& s) { s.uses = 4; },
       Code::kInvalidParams},
      {"ends before it begins", Decision::kApprove, [](Statement& s) { s.expires = kNow + 1; },
       Code::kConflict},
      {"never ends", Decision::kApprove, [](Statement& s) { s.expires = kNow + 86'401; },
       Code::kInvalidParams},
      {"another's name", Decision::kApprove, [](Statement& s) { s.operator_name = "bob"; },
       Code::kTokenInvalid},
      {"a role that the operator lacks", Decision::kApprove, [](Statement& s) { s.role = "admin"; },
       Code::kForbidden},
      {"a denial that grants uses", Decision::kDeny, [](Statement& s) { s.uses = 1; },
       Code::kTokenInvalid},
      {"a denial that grants time", Decision::kDeny, [](Statement& s) { s.expires = kNow + 60; },
       Code::kTokenInvalid},
      {"a denial of other arguments", Decision::kDeny,
       [](Statement& s) { s.executed = digest_of("other"); }, Code::kTokenInvalid},
  };
  for (const auto& c : cases) {
    Statement one = said(c.decision);
    c.change(one);
    EXPECT_EQ(answer(*sign_statement(one, ada_)), c.code) << c.name;
  }
  EXPECT_EQ(answer(*sign_statement(said(), ada_)), std::nullopt);
  EXPECT_EQ(answer(*sign_statement(said(Decision::kDeny), ada_)), std::nullopt);
  Statement at_most = said();
  at_most.uses = 3;
  at_most.expires = kNow + 86'400;
  EXPECT_EQ(answer(*sign_statement(at_most, ada_)), std::nullopt);
}

// Who signs first and names no end: long enough that others can be asked, too, and never longer
// than the gateway takes.
TEST_F(ApprovalStatement, HasAUsualEndThatIsTaken) {
  constexpr std::int64_t kHour = 3600;
  const struct {
    std::int64_t within, escalated_at, end;  // seconds from the request; 0: not passed on
    bool escalates;
  } cases[] = {
      {900, 0, 900, false},
      {900, 0, 1800, true},
      {900, 900, 1800, true},
      {12 * kHour, 0, 24 * kHour, true},
      {13 * kHour, 0, 24 * kHour, true},
      {13 * kHour, 13 * kHour, 26 * kHour, true},
      {30 * kHour, 0, 30 * kHour, true},
      {30 * kHour, 0, 30 * kHour, false},
  };
  for (const auto& c : cases) {
    HoldTerms terms{{"approver"}, 1, 1, c.within, {}};
    terms.escalate_to = c.escalates ? std::vector<std::string>{"admin"} : terms.escalate_to;
    ApprovalState state;
    ASSERT_EQ(run(state, request_of(1, terms)), std::nullopt);
    Approval asked = first(state);
    if (c.escalated_at != 0) {
      asked.escalated = true;
      asked.expires_at = asked.requested_at + c.escalated_at + c.within;
    }
    Statement one = draft_statement(asked, kSelf, Decision::kApprove);
    EXPECT_EQ(one.expires - asked.requested_at, c.end) << c.within << " " << c.escalated_at;
    one.operator_name = "ada";
    one.role = "approver";
    one.key = operators_[0].kid;
    EXPECT_TRUE(check_statement(one, asked, kSelf, asked.requested_at + c.escalated_at));
  }
}

TEST_F(ApprovalStatement, IsThePersonsOwn) {
  const std::string good = *sign_statement(said(), ada_);
  std::string forged = good;
  forged[good.rfind('.') + 4] = forged[good.rfind('.') + 4] == 'A' ? 'B' : 'A';
  EXPECT_EQ(answer(forged), Code::kBadSignature);
  // Signed by a key that nobody enrolled; and by another's under this one's key id.
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  EXPECT_EQ(answer(*sign_statement(said(), stranger)), Code::kForbidden);
  const std::string text = canonical_statement(said());
  EXPECT_EQ(answer(*jose::sign(stranger, names::kTypApproval, operators_[0].kid, text)),
            Code::kBadSignature);
  EXPECT_EQ(answer(*jose::sign(bob_, names::kTypApproval, operators_[1].kid, text)),
            Code::kTokenInvalid);
  Statement of_bob = said();
  of_bob.operator_name = "bob";
  EXPECT_EQ(answer(*sign_statement(of_bob, bob_)), Code::kForbidden);
  EXPECT_EQ(answer(*jose::sign(ada_, names::kTypOverride, operators_[0].kid, text)),
            Code::kTokenInvalid);
}

TEST_F(ApprovalStatement, CountsOnceAndInItsTime) {
  const std::string token = *sign_statement(said(), ada_);
  EXPECT_EQ(answer(token, kNow + 900), Code::kConflict);
  const VerifiedStatement verified = *verify_statement(token, operators_);
  const Decide decide{verified.statement, verified.evidence, kSelf};
  EXPECT_EQ(run(state_, decide, kNow + 1), std::nullopt);
  EXPECT_EQ(run(state_, decide, kNow + 1), Code::kConflict);
  EXPECT_EQ(first(state_).by.front().statement, digest_text(statement_digest(said())));
}

TEST_F(ApprovalStatement, HasOneSpelling) {
  const std::string good = canonical_statement(said());
  ASSERT_TRUE(read_statement(good));
  EXPECT_EQ(*read_statement(good), said());
  const auto with = [&](void (*change)(json::Object&)) {
    json::Object object = print_statement(said());
    change(object);
    return json::canonical(json::Value(object));
  };
  const std::string others[] = {
      " " + good,
      json::print(print_statement(said())),
      with([](json::Object& o) { o["iat"] = 1; }),
      with([](json::Object& o) { o["uses"] = -1; }),
      with([](json::Object& o) { o["uses"] = 4'294'967'297; }),
      with([](json::Object& o) { o["uses"] = "1"; }),
      with([](json::Object& o) { o["decision"] = "maybe"; }),
      with([](json::Object& o) { o["approval"] = "019AB1C2-0000-7000-8000-000000000001"; }),
      with([](json::Object& o) { o["binding"].get_object()["x"] = 1; }),
      "[]",
  };
  for (const std::string& text : others) {
    const Result<Statement> read = read_statement(text);
    EXPECT_TRUE(!read && read.error().code == Code::kTokenInvalid) << text;
  }
  const json::Object whole = print_statement(said());
  for (const auto& member : whole) {
    json::Object less = whole;
    less.erase(member.key());
    EXPECT_FALSE(read_statement(json::canonical(json::Value(less)))) << member.key();
  }
}

TEST_F(ApprovalStatement, NeedsItsEvidence) {
  const Evidence passkey{"", "text", "data", "client", "signature"};
  const struct {
    const char* name;
    Evidence evidence;
    std::optional<Code> code;
  } cases[] = {
      {"token", {"token", "", "", "", ""}, std::nullopt},
      {"passkey", passkey, std::nullopt},
      {"nothing", {}, Code::kTokenInvalid},
      {"both", {"token", "text", "data", "client", "signature"}, Code::kTokenInvalid},
      {"half a passkey", {"", "text", "data", "", "signature"}, Code::kTokenInvalid},
      {"too long", {std::string(kMaxEvidenceBytes + 1, 'x'), "", "", "", ""}, Code::kTokenInvalid},
  };
  for (const auto& c : cases) {
    ApprovalState copy = state_;
    EXPECT_EQ(run(copy, Decide{said(), c.evidence, kSelf}), c.code) << c.name;
  }
}

}  // namespace
}  // namespace pawl::approval
