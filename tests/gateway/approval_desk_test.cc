// Held calls and the people who decide on them: each way through, and each way that must not be
// one.
#include <gtest/gtest.h>

#include "operators/approval/approval_wire.h"
#include "tests/gateway/approval_rig.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Decision;
using approval::Phase;

bool ends(ApprovalRig& rig, const CallView& call) {
  return rig.run_until([&] { return call.ended(); });
}
bool is_forwarded(ApprovalRig& rig, const CallView& call) {
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
  EXPECT_FALSE(call.refused) << call.refused->reason;
  return call.forwarded;
}
void answer(ApprovalRig& rig, const CallView& call) {
  call.events->answered({true, "{}"});
  EXPECT_TRUE(ends(rig, call));
}
Code code_of(const Result<json::Object>& result) {
  return result ? Code::kInternal : result.error().code;
}

class ApprovalDeskTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.enroll("ann", {"approver"})); }
  // One that is approved and whose call went through and was answered.
  Uuid let_through(const std::string& tool) {
    CallView& call = rig.hold(tool);
    const Approval& asked = rig.only();
    EXPECT_TRUE(rig.decide("ann", asked, Decision::kApprove));
    EXPECT_TRUE(is_forwarded(rig, call));
    answer(rig, call);
    EXPECT_TRUE(rig.run_until([&] { return asked.delivered; }));
    return asked.id;
  }

  ApprovalRig rig;
};

TEST_F(ApprovalDeskTest, AHeldCallWaitsUntilAPersonApprovesIt) {
  CallView& call = rig.hold("pay", R"({"amount":9007199254740993})");
  const Approval& asked = rig.only();
  EXPECT_FALSE(call.ended());
  EXPECT_EQ(asked.binding.agent, "triage");
  EXPECT_EQ(asked.binding.name, "pay");
  EXPECT_EQ(asked.binding.digest, digest_text(sha256(R"({"amount":9007199254740993})")));
  EXPECT_EQ(rig.arguments.kept.at(asked.id), R"({"amount":9007199254740993})");
  const Result<json::Object> decided = rig.decide("ann", asked, Decision::kApprove);
  ASSERT_TRUE(decided) << decided.error().message;
  EXPECT_EQ(decided->at("phase"), "approved");
  ASSERT_TRUE(is_forwarded(rig, call));
  answer(rig, call);
  ASSERT_TRUE(call.released);
  const json::Value record = rig.payload(*call.record);
  const json::Value* use = json::find(record, {"ect_ext", "pawl.tool", "approval"});
  ASSERT_NE(use, nullptr);
  EXPECT_EQ(json::find_string(*use, {"id"}), asked.id.text());
  ASSERT_TRUE(rig.run_until([&] { return asked.delivered; }));
  EXPECT_EQ(asked.phase, Phase::kSpent);
  EXPECT_TRUE(rig.arguments.kept.empty()) << "erased when nobody needs them any more";
}

TEST_F(ApprovalDeskTest, ADenialIsToldWithWhoSaidIt) {
  CallView& call = rig.hold("pay");
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kDeny));
  ASSERT_TRUE(ends(rig, call));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kDenied);
  EXPECT_FALSE(call.refused->pending);
  EXPECT_NE(call.refused->reason.find("was denied by ann (approver)"), std::string::npos)
      << call.refused->reason;
  ASSERT_TRUE(rig.run_until([&] { return rig.only().delivered; }));
  rig.hold("pay");
  EXPECT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 2; }))
      << "after delivery the same call is a new one";
}

// "Nobody waits any more" is no answer of people: the caller may come again.
TEST_F(ApprovalDeskTest, ACallerWhosePatienceEndsIsToldWhereToLook) {
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  rig.scheduler.fire_timers();
  ASSERT_TRUE(ends(rig, call));
  ASSERT_TRUE(call.refused && call.refused->pending);
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
  EXPECT_EQ(call.refused->pending->id, asked.id);
  EXPECT_EQ(call.refused->pending->expires, asked.expires_at);
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol_decision"}), "pending_human_review");
  ASSERT_TRUE(rig.decide("ann", asked, Decision::kApprove));
  CallView& again = rig.hold("pay");
  ASSERT_TRUE(is_forwarded(rig, again)) << "a repeat attaches to it";
  answer(rig, again);
  EXPECT_EQ(rig.decisions.approvals.all().size(), 1u);
}

TEST_F(ApprovalDeskTest, AnApprovalFitsNoOtherCall) {
  rig.hold("pay", R"({"n":9007199254740992})");
  rig.only();
  rig.scheduler.fire_timers();  // its caller has left, and the use is there to be had
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  const struct {
    const char* what;
    std::function<void(Action&)> change;
  } cases[] = {{"number", [](Action& action) { action.params = R"({"n":9007199254740993})"; }},
               {"spelling", [](Action& action) { action.params = R"({"n": 9007199254740992})"; }},
               {"tool", [](Action& action) { action.tool = "pay2"; }},
               {"server", [](Action& action) { action.server = "other"; }},
               {"agent", [](Action& action) { action.caller.agent = "other"; }},
               {"person", [](Action& action) { action.caller.on_behalf_of = "carol"; }},
               {"verb", [](Action& action) { action.verb = "prompt.get"; }},
               {"resource", [](Action& action) {
                  action.tool.clear();
                  action.resource = "file:///pay";
                }}};
  std::size_t asked = 2;
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    Action action = rig.action("tool.call", "pay", R"({"n":9007199254740992})");
    one.change(action);
    CallView& call = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until(
        [&] { return rig.decisions.approvals.all().size() == asked || call.forwarded; }));
    EXPECT_FALSE(call.forwarded);
    ++asked;
  }
}

TEST_F(ApprovalDeskTest, OneUseIsOneCallHoweverManyWait) {
  std::vector<CallView*> calls;
  for (int i = 0; i < 100; ++i) {
    calls.push_back(&rig.hold("pay"));
  }
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  const auto forwarded = [&] {
    return std::count_if(calls.begin(), calls.end(), [](auto* call) { return call->forwarded; });
  };
  ASSERT_TRUE(rig.run_until([&] {
    return forwarded() + std::count_if(calls.begin(), calls.end(),
                                       [](auto* call) { return call->ended(); }) >=
           100;
  }));
  EXPECT_EQ(forwarded(), 1);
  EXPECT_EQ(rig.decisions.approvals.all().size(), 1u);
}

TEST_F(ApprovalDeskTest, AsManyUsesAsWereGranted) {
  HoldTerms terms = approved_by("approver");
  terms.uses = 3;
  rig.begin(terms);
  CallView& first = rig.hold("pay");
  approval::Statement said = rig.statement("ann", rig.only(), Decision::kApprove);
  said.uses = 2;
  ASSERT_TRUE(rig.decide("ann", said));
  ASSERT_TRUE(is_forwarded(rig, first));
  answer(rig, first);
  CallView& second = rig.hold("pay");
  ASSERT_TRUE(is_forwarded(rig, second));
  answer(rig, second);
  CallView& third = rig.hold("pay");
  ASSERT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 2; }));
  EXPECT_FALSE(third.forwarded);
}

TEST_F(ApprovalDeskTest, AUseIsNotSpentTwiceAcrossARestart) {
  CallView& call = rig.hold("pay");
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  ASSERT_TRUE(is_forwarded(rig, call));  // and its end is never heard of
  rig.restart();
  EXPECT_EQ(rig.only().phase, Phase::kSpent);
  CallView& again = rig.hold("pay");
  EXPECT_TRUE(ends(rig, again));
  EXPECT_FALSE(again.forwarded);
}

TEST_F(ApprovalDeskTest, WhatPeopleDecidedSurvivesARestart) {
  rig.hold("pay");
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  const Uuid id = rig.only().id;
  rig.restart();
  ASSERT_EQ(rig.only().id, id);
  if (rig.only().phase != Phase::kSpent) {
    CallView& again = rig.hold("pay");
    EXPECT_TRUE(is_forwarded(rig, again));
  }
}

TEST_F(ApprovalDeskTest, WhileItWaitsADecisionSurvivesARestart) {
  rig.hold("pay");
  const Uuid id = rig.only().id;
  rig.restart();
  ASSERT_EQ(rig.only().id, id);
  EXPECT_EQ(rig.arguments.kept.count(id), 1u);
  CallView& again = rig.hold("pay");
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  EXPECT_TRUE(is_forwarded(rig, again));
  EXPECT_EQ(rig.decisions.approvals.all().size(), 1u);
}

TEST_F(ApprovalDeskTest, OtherRulesEndIt) {
  CallView& call = rig.hold("pay");
  const Uuid first = rig.only().id;
  rig.policy = "other rules";
  rig.desk->policy_changed();
  ASSERT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 2; }))
      << "the caller that waits is asked about anew";
  EXPECT_EQ(rig.decisions.approvals.find(first)->phase, Phase::kExpired);
  EXPECT_FALSE(call.ended());
  EXPECT_EQ(code_of(rig.decide("ann", *rig.decisions.approvals.find(first), Decision::kApprove)),
            Code::kConflict);
}

TEST_F(ApprovalDeskTest, AGrantUnderOtherRulesIsSpentByNobody) {
  rig.hold("pay");
  rig.only();
  rig.scheduler.fire_timers();
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  rig.policy = "other rules";
  rig.desk->policy_changed();
  CallView& again = rig.hold("pay");
  EXPECT_TRUE(
      rig.run_until([&] { return rig.decisions.approvals.all().size() == 2 || again.forwarded; }));
  EXPECT_FALSE(again.forwarded);
}

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

// Another policy token is another call.
TEST_F(ApprovalDeskTest, AGrantUnderOnePolicyTokenFitsNoOther) {
  const std::string digests[] = {digest_text(sha256("one")), digest_text(sha256("other"))};
  Action action = rig.action("tool.call", "pay");
  action.policy_use = PolicyUse{.run = digests[0], .token = {}, .digest = digests[0]};
  rig.submit(action);
  rig.only();
  rig.scheduler.fire_timers();
  ASSERT_TRUE(rig.decide("ann", rig.only(), Decision::kApprove));
  action.id = {};
  action.policy_use->digest = digests[1];
  CallView& other = rig.submit(action);
  EXPECT_TRUE(
      rig.run_until([&] { return rig.decisions.approvals.all().size() == 2 || other.forwarded; }));
  EXPECT_FALSE(other.forwarded);
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
  EXPECT_EQ(call.refused->code, Code::kDenied);
  EXPECT_NE(call.refused->reason.find("nobody decided in time"), std::string::npos);
}

TEST_F(ApprovalDeskTest, AGrantEnds) {
  rig.hold("pay");
  const Approval& asked = rig.only();
  rig.scheduler.fire_timers();
  ASSERT_TRUE(rig.decide("ann", asked, Decision::kApprove));
  rig.clock.step(std::chrono::seconds(asked.until - rig.recorder->now().seconds() + 1));
  CallView& again = rig.hold("pay");
  EXPECT_TRUE(
      rig.run_until([&] { return rig.decisions.approvals.all().size() == 2 || again.forwarded; }));
  EXPECT_FALSE(again.forwarded);
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

TEST_F(ApprovalDeskTest, AnAgentHasSoManyPendingHoldsAndNoMore) {
  rig.settings.pending_per_agent = 3;
  rig.begin(approved_by("approver"));
  for (int i = 0; i < 3; ++i) {
    rig.hold("pay" + std::to_string(i));
  }
  CallView& fourth = rig.hold("pay3");
  ASSERT_TRUE(ends(rig, fourth));
  EXPECT_EQ(fourth.refused->code, Code::kOverloaded);
  Action other = rig.action("tool.call", "pay");
  other.caller.agent = "other";
  rig.submit(std::move(other));
  EXPECT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 4; }));
}

TEST_F(ApprovalDeskTest, WithoutItsArgumentsNothingIsHeld) {
  rig.arguments.problem = "the disk is full";
  CallView& call = rig.hold("pay");
  ASSERT_TRUE(ends(rig, call));
  EXPECT_EQ(call.refused->code, Code::kEvidenceUnavailable);
  EXPECT_TRUE(rig.decisions.approvals.all().empty());
}

TEST_F(ApprovalDeskTest, AWithdrawnCallLosesNothing) {
  Action action = rig.action("tool.call", "pay");
  CallView& call = rig.submit(std::move(action));
  const Approval& asked = rig.only();
  call.events->withdrawn("the client went away");
  ASSERT_TRUE(ends(rig, call));
  EXPECT_EQ(call.refused->code, Code::kCancelled);
  ASSERT_TRUE(rig.decide("ann", asked, Decision::kApprove));
  CallView& again = rig.hold("pay");
  EXPECT_TRUE(is_forwarded(rig, again));
}

TEST_F(ApprovalDeskTest, AStopEndsAWaitAndHoldsBackWhatWasApproved) {
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  rig.stop("all");
  ASSERT_TRUE(ends(rig, call));
  EXPECT_EQ(call.refused->code, Code::kStopped);
  ASSERT_TRUE(rig.decide("ann", asked, Decision::kApprove));
  CallView& again = rig.hold("pay");
  ASSERT_TRUE(ends(rig, again));
  EXPECT_EQ(again.refused->code, Code::kStopped);
  EXPECT_EQ(asked.spent, 0u);
}

TEST_F(ApprovalDeskTest, ARecordThatCannotBeWrittenDecidesNothing) {
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  rig.files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  EXPECT_EQ(code_of(rig.decide("ann", asked, Decision::kApprove)), Code::kEvidenceUnavailable);
  EXPECT_EQ(asked.phase, Phase::kPending);
  EXPECT_FALSE(call.forwarded);
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

TEST_F(ApprovalDeskTest, AChangeIsDecidedAnew) {
  rig.set_rules(R"(
rules:
  - id: never
    when: { arguments: { arguments.amount: { equals: 9 } } }
    then: deny
    reason: nobody may
  - id: ask
    when: { agent: "**" }
    then: { hold: { roles: [approver] } }
    reason: people are asked
)");
  CallView& call = rig.hold("pay", std::string(kAsked));
  const Approval& asked = rig.only();
  ASSERT_TRUE(approve_changed(rig, asked, kChanged));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->rule, "never");
  EXPECT_EQ(asked.spent, 0u);
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

TEST_F(ApprovalDeskTest, OtherRulesEndItAlsoWhileADecisionIsBeingRecorded) {
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  call.events->withdrawn("gone");
  bool decided = false;
  rig.desk->decide(*approval::sign_statement(rig.statement("ann", asked, Decision::kApprove),
                                             rig.keys.at("ann")),
                   "", [&](const Result<json::Object>&) { decided = true; });
  rig.policy = "other";
  rig.desk->policy_changed();  // its record is under way
  EXPECT_TRUE(rig.run_until([&] { return decided && asked.phase == Phase::kExpired; }));
  rig.policy = "digest";
  CallView& again = rig.hold("pay");
  EXPECT_TRUE(rig.run_until([&] { return again.pending || again.ended(); }));
  EXPECT_FALSE(again.forwarded) << "people decided under rules that were in force before others";
}

// ---- what callers ask ----

TEST_F(ApprovalDeskTest, ItsCallerAndNobodyElseLearnsHowItStands) {
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  Caller caller;
  caller.agent = "triage";
  Result<HeldStanding> stands = rig.gateway->standing_of(asked.id, caller);
  ASSERT_TRUE(stands);
  EXPECT_EQ(stands->state, HeldStanding::State::kPending);
  EXPECT_EQ(stands->params, "{}");
  Caller other = caller;
  other.agent = "b";
  EXPECT_FALSE(rig.gateway->standing_of(asked.id, other));
  other = caller;
  other.on_behalf_of = "carol";
  EXPECT_FALSE(rig.gateway->standing_of(asked.id, other));
  EXPECT_FALSE(rig.gateway->cancel_approval(asked.id, other));
  {
    const Unplugged hold_caller(ControlId::kHoldCaller);
    EXPECT_TRUE(rig.gateway->standing_of(asked.id, other));
  }
  call.events->withdrawn("gone");
  ASSERT_TRUE(rig.decide("ann", asked, Decision::kApprove));
  stands = rig.gateway->standing_of(asked.id, caller);
  EXPECT_EQ(stands->state, HeldStanding::State::kApproved);
  ASSERT_TRUE(rig.gateway->cancel_approval(asked.id, caller));
  EXPECT_TRUE(rig.run_until([&] { return asked.phase == Phase::kExpired; }));
  stands = rig.gateway->standing_of(asked.id, caller);
  EXPECT_EQ(stands->state, HeldStanding::State::kEnded);
  EXPECT_NE(stands->reason.find("was cancelled"), std::string::npos);
}

TEST_F(ApprovalDeskTest, ACallerThatStopsWaitingIsToldAtOnce) {
  CallView& call = rig.hold("pay");
  (void)rig.only();
  ASSERT_TRUE(call.pending);
  call.events->stop_waiting();
  ASSERT_TRUE(ends(rig, call));
  ASSERT_TRUE(call.refused && call.refused->pending);
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
}

TEST_F(ApprovalDeskTest, ItsStateIsWhatTheRecordsSay) {
  let_through("pay");
  rig.hold("pay");
  ASSERT_TRUE(rig.run_until([&] { return rig.decisions.approvals.all().size() == 2; }));
  Decisions replayed;
  for (std::uint64_t i = 0; i < rig.ledger->size(); ++i) {
    replayed.apply(i, *rig.ledger->entry(i));
  }
  EXPECT_EQ(json::print(approval::print_approvals(replayed.approvals)),
            json::print(approval::print_approvals(rig.decisions.approvals)));
  EXPECT_TRUE(replayed.approvals == rig.decisions.approvals);
}

TEST(EnrollmentDeskTest, AStrangerEnrollsNobodyOnceThereIsAFounder) {
  ApprovalRig rig;
  ASSERT_TRUE(rig.enroll("ann", {"approver"}));
  ApprovalRig other;  // another machine, with a founder of its own
  ASSERT_TRUE(other.enroll("eve", {"approver"}));
  approval::Enrollment said;
  said.operator_name = "eve";
  said.key = other.keys.at("eve").public_key();
  said.roles = {"admin"};
  said.bootstrap = true;
  said.by_operator = "eve";
  said.audience = rig.recorder->instance().spiffe();
  said.id = rig.recorder->new_id();
  said.iat = rig.recorder->now().seconds();
  said.exp = said.iat + 60;
  EXPECT_FALSE(rig.take(*approval::sign_enrollment(said, other.keys.at("eve"))));
  said.bootstrap = false;
  said.by_operator = "ann";
  EXPECT_FALSE(rig.take(*approval::sign_enrollment(said, other.keys.at("eve"))));
  EXPECT_EQ(rig.decisions.operators.operators().size(), 1u);
}

}  // namespace
}  // namespace pawl
