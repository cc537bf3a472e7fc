// The people who decide on held calls: who may, on which terms, how many of them, and what they
// make of a call.
#include <gtest/gtest.h>

#include "tests/gateway/approval_desk_fixture.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Decision;
using approval::Phase;

class Masks final : public PersonNames {
 public:
  Result<std::string> stands_for(const std::string& name) override {
    return "person:" + std::to_string(name.size());
  }
};

// The rule that asked has expired, or a gate of a policy token asks for more people.
TEST_F(ApprovalDeskTest, AGrantOnOtherTermsIsSpentByNobody) {
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  rig.hold("pay");
  rig.only();
  rig.scheduler.fire_timers();
  const Uuid first = rig.only().id;
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  rig.rule_board.publish(std::make_shared<HoldingRules>(approved_by("approver", 2), "more"));
  CallView& again = rig.hold("pay");
  ASSERT_TRUE(ends(rig, again));
  EXPECT_FALSE(again.forwarded);
  EXPECT_EQ(rig.decisions.approvals.find(first)->phase, Phase::kExpired);
  rig.hold("pay");
  EXPECT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 2; }));
}

TEST_F(ApprovalDeskTest, AfterItsTimeOthersAreAskedOnce) {
  HoldTerms terms = approved_by("approver");
  terms.escalate_to = {"chief"};
  ASSERT_TRUE(rig.enroll("chief", {"chief"}));
  rig.begin(terms);
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  rig.clock.step(std::chrono::seconds(901));
  rig.desk->tick();
  ASSERT_TRUE(rig.run_until([&] { return asked.escalated; }));
  EXPECT_FALSE(call.ended()) << "the caller waits on";
  EXPECT_EQ(code_of(rig.decide("ann", asked, Decision::kApprove)), Code::kForbidden);
  approval::Statement said = rig.statement("chief", asked, Decision::kApprove);
  said.role = "chief";
  ASSERT_TRUE(rig.decide("chief", said));
  EXPECT_TRUE(is_forwarded(rig, call));
}

TEST_F(ApprovalDeskTest, NobodyDecidesAfterItsTimeAndTheCallerIsTold) {
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  rig.clock.step(std::chrono::seconds(901));
  EXPECT_EQ(code_of(rig.decide("ann", asked, Decision::kApprove)), Code::kConflict);
  rig.desk->tick();
  ASSERT_TRUE(ends(rig, call));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
  EXPECT_NE(call.refused->reason.find("nobody decided in time"), std::string::npos);
}

TEST_F(ApprovalDeskTest, OnlyAnEnrolledKeyInItsRoleDecides) {
  rig.hold("pay");
  const Approval& asked = rig.only();
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  const approval::Statement said = rig.statement("ann", asked, Decision::kApprove);
  EXPECT_EQ(code_of(rig.post(*approval::sign_statement(said, stranger))), Code::kForbidden);
  EXPECT_EQ(code_of(rig.post(*approval::sign_statement(said, rig.key()))), Code::kForbidden)
      << "the gateway's own key";
  approval::Statement other = said;
  other.role = "admin";
  EXPECT_EQ(code_of(rig.decide("ann", other)), Code::kForbidden) << "no role of the rule";
  std::string forged = *approval::sign_statement(said, rig.keys.at("ann"));
  forged[forged.size() - 8] = forged[forged.size() - 8] == 'A' ? 'B' : 'A';
  EXPECT_EQ(code_of(rig.post(forged)), Code::kBadSignature);
  rig.revoked.insert(rig.keys.at("ann").public_key().thumbprint());
  EXPECT_EQ(code_of(rig.decide("ann", said)), Code::kForbidden) << "a revoked key";
  EXPECT_EQ(asked.phase, Phase::kPending);
}

// regression: one true signature on `of: 2` was enough where the gateway's own record said `of: 1`
TEST_F(ApprovalDeskTest, ASignatureOnOtherTermsDoesNotCount) {
  rig.hold("pay");
  const Approval& asked = rig.only();
  approval::Statement said = rig.statement("ann", asked, Decision::kApprove);
  HoldTerms other = asked.terms;
  ++other.of;
  said.terms_digest = approval::terms_digest(other, asked.owner);
  EXPECT_EQ(code_of(rig.decide("ann", said)), Code::kTokenInvalid);
  EXPECT_EQ(asked.phase, Phase::kPending);
}

TEST_F(ApprovalDeskTest, NobodyApprovesACallOfTheirOwn) {
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  Action action = rig.action("tool.call", "pay");
  action.caller.on_behalf_of = "ann";
  rig.submit(std::move(action));
  EXPECT_EQ(code_of(rig.decide("ann", rig.only(), Decision::kApprove)), Code::kForbidden);
  EXPECT_TRUE(rig.decide("bob", rig.only(), Decision::kApprove));
}

TEST_F(ApprovalDeskTest, WhoHasNoRoleOfTheRuleApprovesNothing) {
  ASSERT_TRUE(rig.enroll("vic", {"viewer"}));
  CallView& call = rig.hold("pay");
  approval::Statement said = rig.statement("vic", rig.only(), Decision::kApprove);
  EXPECT_EQ(code_of(rig.decide("vic", said)), Code::kForbidden) << "a role that is not theirs";
  said.role = "viewer";
  EXPECT_EQ(code_of(rig.decide("vic", said)), Code::kForbidden) << "a role that may not decide";
  EXPECT_EQ(rig.only().phase, Phase::kPending);
  EXPECT_FALSE(call.forwarded);
}

TEST_F(ApprovalDeskTest, TheOwnerOfAnAgentDoesNotApproveItsCalls) {
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  rig.owner = "ann";
  CallView& call = rig.hold("pay");
  EXPECT_EQ(code_of(rig.decide("ann", rig.only(), Decision::kApprove)), Code::kForbidden);
  EXPECT_FALSE(call.forwarded);
  ASSERT_TRUE(rig.decide("bob", rig.only(), Decision::kApprove));
  EXPECT_TRUE(is_forwarded(rig, call));
}

// Names of callers are not kept where people have pseudonyms; of operators they are.
TEST_F(ApprovalDeskTest, NobodyApprovesACallOfTheirOwnUnderAPseudonym) {
  ASSERT_TRUE(rig.enroll("robert", {"approver"}));
  Masks people;
  rig.gateway->name_people_by(&people);
  rig.desk->name_people_by(&people);
  Action action = rig.action("tool.call", "pay");
  action.caller.on_behalf_of = "ann";
  CallView& call = rig.submit(std::move(action));
  ASSERT_EQ(rig.only().binding.on_behalf_of, "person:3");
  EXPECT_EQ(code_of(rig.decide("ann", rig.only(), Decision::kApprove)), Code::kForbidden);
  EXPECT_FALSE(call.forwarded);
  EXPECT_TRUE(rig.decide("robert", rig.only(), Decision::kApprove));
}

TEST_F(ApprovalDeskTest, TwoPeopleForTwo) {
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  rig.begin(approved_by("approver", 2));
  CallView& call = rig.hold("pay");
  const Result<json::Object> first = rig.decide("ann", rig.only(), Decision::kApprove);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at("phase"), "pending");
  EXPECT_EQ(first->at("needed"), 1);
  EXPECT_EQ(code_of(rig.decide("ann", rig.only(), Decision::kApprove)), Code::kConflict);
  EXPECT_FALSE(call.forwarded);
  ASSERT_TRUE(rig.decide("bob", rig.only(), Decision::kApprove));
  EXPECT_TRUE(is_forwarded(rig, call));
}

TEST_F(ApprovalDeskTest, WithTooFewApproversNobodyIsAsked) {
  rig.begin(approved_by("approver", 2));
  CallView& call = rig.hold("pay");
  ASSERT_TRUE(ends(rig, call));
  EXPECT_EQ(call.refused->code, Code::kDenied);
  EXPECT_NE(call.refused->reason.find("pawl operators list"), std::string::npos);
  EXPECT_TRUE(rig.decisions.approvals.all().empty());
}

TEST_F(ApprovalDeskTest, AKeyThatIsRevokedAfterItSignedCountsNoMore) {
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  call.events->withdrawn("gone");
  ASSERT_TRUE(rig.decide("bob", asked, Decision::kApprove));
  rig.revoked.insert(rig.keys.at("bob").public_key().thumbprint());
  CallView& again = rig.hold("pay");
  ASSERT_TRUE(ends(rig, again));
  EXPECT_FALSE(again.forwarded);
  EXPECT_EQ(asked.spent, 0u);
  EXPECT_TRUE(rig.run_until([&] { return asked.phase == Phase::kExpired; }));
}

// ---- changed arguments ----

constexpr std::string_view kAsked = R"({"name":"pay","arguments":{"amount":900}})";
constexpr std::string_view kChanged = R"({"name":"pay","arguments":{"amount":9}})";

approval::Statement changed_statement(ApprovalRig& rig, const Approval& asked,
                                      std::string_view params) {
  approval::Statement said = rig.statement("ann", asked, Decision::kApprove);
  said.executed = digest_text(sha256(params));
  return said;
}
Result<json::Object> approve_changed(ApprovalRig& rig, const Approval& asked,
                                     std::string_view params) {
  return rig.post(
      *approval::sign_statement(changed_statement(rig, asked, params), rig.keys.at("ann")),
      std::string(params));
}

TEST_F(ApprovalDeskTest, WhatAPersonChangedIsForwardedInPlaceOfWhatWasAsked) {
  CallView& call = rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  ASSERT_TRUE(is_forwarded(rig, call));
  EXPECT_EQ(call.changed, kChanged);
  answer(rig, call);
  const ect::Token record = *ect::read(*jose::decode(*rig.ledger->entry(call.record->index)));
  EXPECT_EQ(record.claims.inp_hash, digest_text(sha256(kChanged)));
  EXPECT_TRUE(rig.run_until([&] { return rig.arguments.changed.empty(); })) << "not kept for ever";
}

TEST_F(ApprovalDeskTest, OnlyTheArgumentsMayBeChanged) {
  (void)rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  for (const std::string_view params :
       {R"({"name":"wire","arguments":{"amount":9}})", R"({"arguments":{"amount":9}})",
        R"({"name":"pay","arguments":[9]})", R"({"name":"pay"})", "[]", "no JSON",
        R"({"name":"pay","arguments":{"a":1},"more":1})",
        R"({"arguments":{"amount":9},"name":"pay"})", R"({"name":"pay","arguments":{"amount":9}} )",
        R"({"name":"pay","argument\u0073":{"amount":9}})",
        R"({"name":"pay","arguments":{"amount":9},"arguments":{"amount":1}})"}) {
    EXPECT_EQ(code_of(approve_changed(rig, asked, params)), Code::kInvalidParams) << params;
  }
  EXPECT_EQ(code_of(rig.post(*approval::sign_statement(changed_statement(rig, asked, kChanged),
                                                       rig.keys.at("ann")),
                             std::string(kAsked))),
            Code::kInvalidParams)
      << "other params than were signed";
  EXPECT_EQ(code_of(rig.post(*approval::sign_statement(changed_statement(rig, asked, kChanged),
                                                       rig.keys.at("ann")))),
            Code::kInvalidParams)
      << "none";
  EXPECT_EQ(asked.phase, Phase::kPending);
  EXPECT_TRUE(rig.arguments.changed.empty());
}

TEST_F(ApprovalDeskTest, ChangedArgumentsThatAreGoneLetNothingThrough) {
  rig.settings.patience = std::chrono::seconds(0);
  CallView& call = rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  ASSERT_TRUE(ends(rig, call) || call.pending);
  (void)call;
  rig.arguments.lose_changed = true;
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  CallView& again = rig.hold("pay", std::string(kAsked));
  ASSERT_TRUE(ends(rig, again));
  ASSERT_TRUE(again.refused);
  EXPECT_EQ(again.refused->code, Code::kEvidenceUnavailable);
  EXPECT_EQ(asked.spent, 0u);
}

constexpr std::string_view kAskedAboutAll = R"(
  - id: ask
    when: { agent: "**" }
    then: { hold: { roles: [approver] } }
    reason: people are asked
)";

// The rules are others than when it was signed; the adapter of this rig shows them all params.
TEST_F(ApprovalDeskTest, AChangeIsDecidedAnew) {
  rig.set_rules("rules:" + std::string(kAskedAboutAll));
  CallView& first = rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  first.events->withdrawn("its client left");
  ASSERT_TRUE(ends(rig, first));
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  rig.set_rules(R"(rules:
  - id: never
    when: { arguments: { arguments.amount: { equals: 9 } } }
    then: deny
    reason: nobody may)" +
                std::string(kAskedAboutAll));
  CallView& call = rig.hold("pay", std::string(kAsked));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->rule, "never");
  EXPECT_EQ(asked.spent, 0u);
}

TEST_F(ApprovalDeskTest, AChangeThatARuleDeniesIsNotApproved) {
  rig.set_rules(R"(rules:
  - id: never
    when: { arguments: { amount: { equals: 9 } } }
    then: deny
    reason: nobody may)" +
                std::string(kAskedAboutAll));
  CallView& call = rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  const std::uint64_t records = rig.ledger->size();
  const Result<json::Object> refused = approve_changed(rig, asked, kChanged);
  ASSERT_EQ(code_of(refused), Code::kDenied);
  EXPECT_EQ(
      refused.error().message,
      "approval: the call may not go on with these arguments: rule \"never\" denies it: nobody "
      "may. The statement does not count, and the approval stands as before");
  EXPECT_EQ(asked.phase, Phase::kPending);
  EXPECT_TRUE(asked.by.empty());
  EXPECT_TRUE(rig.arguments.changed.empty());
  EXPECT_EQ(rig.ledger->size(), records);
  ASSERT_TRUE(approve_changed(rig, asked, R"({"name":"pay","arguments":{"amount":8}})"));
  ASSERT_TRUE(is_forwarded(rig, call));
}

// The one who agrees brings no text: it lies there since somebody else signed it.
TEST_F(ApprovalDeskTest, AChangeThatARuleDeniesMeanwhileIsAgreedWithByNobody) {
  HoldTerms terms = approved_by("approver");
  terms.of = 2;
  rig.begin(terms);
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  (void)rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  rig.set_rules("rules:\n  - { id: never, when: { tool: pay }, then: deny, reason: closed }\n");
  approval::Statement said = rig.statement("bob", asked, Decision::kApprove);
  said.executed = digest_text(sha256(kChanged));
  EXPECT_EQ(code_of(rig.decide("bob", said)), Code::kDenied);
  EXPECT_EQ(asked.phase, Phase::kPending);
  EXPECT_EQ(asked.by.size(), 1u);
}

TEST_F(ApprovalDeskTest, WhoAgreesWithAChangeNeedNotBringItAgain) {
  HoldTerms terms = approved_by("approver");
  terms.of = 2;
  rig.begin(terms);
  ASSERT_TRUE(rig.enroll("bob", {"approver"}));
  CallView& call = rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  ASSERT_TRUE(rig.decide("bob", asked, Decision::kApprove));
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  EXPECT_EQ(asked.phase, Phase::kPending) << "bob agreed with something else";
  approval::Statement said = rig.statement("bob", asked, Decision::kApprove);
  said.executed = digest_text(sha256(kChanged));
  const Result<json::Object> shown = rig.desk->show(asked.id);
  ASSERT_TRUE(shown);
  EXPECT_EQ(*json::find_string(shown->at("changed"), {"params"}), kChanged);
  ASSERT_TRUE(rig.decide("bob", said));
  ASSERT_TRUE(is_forwarded(rig, call));
  EXPECT_EQ(call.changed, kChanged);
}

TEST_F(ApprovalDeskTest, TheAdapterMayRefuseAChange) {
  CallView& call = rig.hold("pay", std::string(kAsked));
  call.cannot_change = "not these";
  const Approval& asked = rig.only();
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  ASSERT_TRUE(ends(rig, call));
  ASSERT_TRUE(call.refused);
  EXPECT_NE(call.refused->reason.find("not these"), std::string::npos);
  EXPECT_EQ(asked.spent, 0u);
}

}  // namespace
}  // namespace pawl
