#include "app/api/approval_rights.h"

#include <gtest/gtest.h>

#include "app/api/decision_body.h"

namespace pawl {
namespace {

using approval::Approval;
using sign_in::Role;

const CallPlace kHere{"example.org", {"clerks", "vendor-b"}};

sign_in::Session session_with(std::initializer_list<const char*> grants) {
  sign_in::Session out;
  out.person.name = "bob";
  for (const char* grant : grants) {
    out.person.grants.push_back(*sign_in::parse_grant(grant));
  }
  return out;
}

Approval of_call() {
  Approval out;
  out.binding.agent = "triage";
  out.binding.on_behalf_of = "carol";
  out.binding.server = "bank";
  out.binding.verb = "tool.call";
  out.binding.name = "pay";
  return out;
}

TEST(ApprovalRights, AnApprovalLiesInAScopeAsItsCallDoes) {
  const struct {
    const char* grant;
    bool sees, reads, hands_in;
  } cases[] = {
      {"approver", true, true, true},
      {"approver@server:bank", true, true, true},
      {"approver@tool:bank/pay", true, true, true},
      {"approver@agent:triage", true, true, true},
      {"approver@user:carol", true, true, true},
      {"approver@trust-domain:example.org", true, true, true},
      {"approver@server:files", false, false, false},
      {"approver@tool:bank/read", false, false, false},
      {"approver@agent:other", false, false, false},
      {"approver@group:vendor-b", true, true, true},
      {"approver@group:vendor-a", false, false, false},
      {"auditor@server:bank", true, true, false},
      {"admin@server:bank", true, true, false},
      {"operator@server:bank", true, false, false},
      {"viewer", true, false, false},
      {"viewer@server:files", false, false, false},
  };
  approval::Statement statement;
  statement.operator_name = "bob";
  for (const auto& one : cases) {
    SCOPED_TRACE(one.grant);
    const sign_in::Session session = session_with({one.grant});
    EXPECT_EQ(may(session, Role::kViewer, of_call(), kHere), one.sees);
    EXPECT_EQ(why_no_arguments(session, of_call(), kHere).empty(), one.reads);
    EXPECT_EQ(may_hand_in(session, statement, of_call(), kHere).has_value(), one.hands_in);
  }
  EXPECT_FALSE(may(session_with({}), Role::kViewer, of_call(), kHere));
  // Roles of several scopes do not add up.
  const auto mixed = session_with({"approver@server:files", "viewer@server:bank"});
  EXPECT_FALSE(may_hand_in(mixed, statement, of_call(), kHere));
}

// It tells of calls on behalf of others, and in other workflows.
TEST(ApprovalRights, WhatIsUsualIsForWhoReadsAllOfIt) {
  Approval call = of_call();
  call.binding.workflow = Uuid::parse("019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11").value();
  const struct {
    const char* grant;
    bool reads, reads_usual;
  } cases[] = {
      {"approver", true, true},
      {"auditor@tool:bank/pay", true, true},
      {"approver@agent:triage", true, true},
      {"approver@group:vendor-b", true, true},
      {"approver@user:carol", true, false},
      {"approver@workflow:019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11", true, false},
      {"viewer", false, false},
      {"approver@server:files", false, false},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.grant);
    const sign_in::Session session = session_with({one.grant});
    EXPECT_EQ(why_no_arguments(session, call, kHere).empty(), one.reads);
    EXPECT_EQ(may_read_usual(session, call, kHere), one.reads_usual);
  }
}

TEST(ApprovalRights, NobodyHandsInTheDecisionOfSomebodyElse) {
  approval::Statement statement;
  statement.operator_name = "ann";
  const Status refused = may_hand_in(session_with({"approver"}), statement, of_call(), kHere);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kForbidden);
}

TEST(ApprovalRights, ARegisteredKeyIsItsPersonsAndTheNameIsNot) {
  const auto key = [] { return SigningKey::generate(KeyKind::kP256)->public_key(); };
  const sign_in::Passkey first{"Yw", "localhost", key(), 0}, second{"ZA", "localhost", key(), 0},
      local{"ZQ", "localhost", key(), 0};
  const auto of = [](const char* subject) {
    return sign_in::Person{
        "bob", {}, "oidc", sign_in::ProviderIdentity{"https://idp.example.org", subject}};
  };
  const sign_in::Person account{"bob", {}, "password+totp"}, other{"eve", {}, "password+totp"};
  const std::vector<AccountPasskey> registered = {{"bob", of("1").provider, first},
                                                  {"bob", of("2").provider, second},
                                                  {"bob", std::nullopt, local}};
  const std::string unknown = key().thumbprint();
  const struct {
    const char* name;
    sign_in::Person who;
    std::string kid;
    bool may;
  } cases[] = {
      {"their own", of("1"), first.key.thumbprint(), true},
      {"of another of the name", of("1"), second.key.thumbprint(), false},
      {"of the account of the name", of("1"), local.key.thumbprint(), false},
      {"that nobody registered", of("1"), unknown, false},
      {"of the other, who has it", of("2"), second.key.thumbprint(), true},
      {"the account's own", account, local.key.thumbprint(), true},
      {"of a person of a provider", account, first.key.thumbprint(), false},
      {"a key file of an account", account, unknown, true},
      {"of another account", other, local.key.thumbprint(), false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(may_use(one.who, one.kid, registered), one.may) << one.name;
  }
  EXPECT_FALSE(may_use(of("1"), first.key.thumbprint(), {}));
}

TEST(DecisionBody, IsATokenOrAPasskeysEvidenceAndNothingElse) {
  const std::string passkey =
      R"({"passkey":{"statement":"s","authenticator_data":"a","client_data":"c","signature":"g"}})";
  const auto read = decision_in(passkey);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->evidence, (approval::Evidence{"", "s", "a", "c", "g"}));
  EXPECT_EQ(decision_in(R"({"statement":"t"})")->evidence.token, "t");
  EXPECT_EQ(decision_in(R"({"statement":"t","params":"{}"})")->params, "{}");
  const struct {
    const char* name;
    std::string body;
    Code code;
  } cases[] = {
      {"both", R"({"statement":"t",)" + passkey.substr(1), Code::kInvalidParams},
      {"none", "{}", Code::kInvalidParams},
      {"params alone", R"({"params":"{}"})", Code::kInvalidParams},
      {"params that are no text", R"({"statement":"t","params":{}})", Code::kInvalidParams},
      {"no object", "[]", Code::kInvalidParams},
      {"no JSON", "", Code::kMalformed},
      {"an empty token", R"({"statement":""})", Code::kInvalidParams},
      {"a token that is no text", R"({"statement":1})", Code::kInvalidParams},
      {"one part less",
       R"({"passkey":{"statement":"s","authenticator_data":"a","client_data":"c"}})",
       Code::kInvalidParams},
      {"one part more",
       R"({"passkey":{"statement":"s","authenticator_data":"a","client_data":"c","signature":"g","rp":"r"}})",
       Code::kInvalidParams},
      {"one part empty",
       R"({"passkey":{"statement":"s","authenticator_data":"a","client_data":"","signature":"g"}})",
       Code::kInvalidParams},
      {"a member twice", R"({"statement":"t","statement":"t"})", Code::kMalformed},
      {"a token that is too long",
       R"({"statement":")" + std::string(approval::kMaxEvidenceBytes + 1, 'x') + "\"}",
       Code::kTooLarge},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const auto refused = decision_in(one.body);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, one.code) << refused.error().message;
  }
}

}  // namespace
}  // namespace pawl
