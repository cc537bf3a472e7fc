// Held calls: what they wait for, what lets them through, each way that must not be one, and what
// their callers learn.
#include <gtest/gtest.h>

#include "operators/approval/approval_wire.h"
#include "tests/gateway/approval_desk_fixture.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Decision;
using approval::Phase;

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

// Of three that the rule permits a person granted two, of which one is used.
void answer_first_of_two(ApprovalRig& rig) {
  HoldTerms terms = approved_by("approver");
  terms.uses = 3;
  rig.begin(terms);
  CallView& first = rig.hold("pay");
  approval::Statement said = rig.statement("ann", rig.only(), Decision::kApprove);
  said.uses = 2;
  ASSERT_TRUE(rig.decide("ann", said));
  ASSERT_TRUE(is_forwarded(rig, first));
  answer(rig, first);
}

// Their answers may be known already, or not: while a call is open nobody is asked anew.
TEST_F(ApprovalDeskTest, WhileTheLastUsesAreOpenTheCallMayComeAgain) {
  ASSERT_NO_FATAL_FAILURE(answer_first_of_two(rig));
  ASSERT_TRUE(rig.run_until([&] { return rig.only().delivered; }));
  CallView& last = rig.hold("pay");
  ASSERT_TRUE(is_forwarded(rig, last));
  CallView& beside = rig.hold("pay");
  ASSERT_TRUE(ends(rig, beside));
  ASSERT_TRUE(beside.refused);
  EXPECT_EQ(beside.refused->code, Code::kApprovalRequired) << beside.refused->reason;
  EXPECT_TRUE(beside.refused->retry_helps);
}

TEST_F(ApprovalDeskTest, AsManyUsesAsWereGranted) {
  ASSERT_NO_FATAL_FAILURE(answer_first_of_two(rig));
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

// regression: a call that went through was told as "denied", without its record, so it was made
// again
TEST_F(ApprovalDeskTest, WhatWentThroughIsToldAsThat) {
  Caller caller;
  caller.agent = "triage";
  CallView& call = rig.hold("pay");
  const Approval& asked = rig.only();
  const Uuid id = asked.id;
  ASSERT_TRUE(rig.decide("ann", asked, Decision::kApprove));
  ASSERT_TRUE(is_forwarded(rig, call));
  const auto told = [&] {
    const Result<HeldStanding> stands = rig.gateway->standing_of(id, caller);
    EXPECT_TRUE(stands && stands->state == HeldStanding::State::kEnded && stands->was_used);
    return stands ? *stands : HeldStanding{};
  };
  EXPECT_NE(told().reason.find("do not call again"), std::string::npos) << told().reason;
  answer(rig, call);
  ASSERT_TRUE(call.record);
  EXPECT_EQ(told().record, call.record->id);
  EXPECT_EQ(told().reason, "the call of approval " + id.text() + " (record " +
                               call.record->id.text() +
                               ") went through, and its answer is not kept any more; do not call "
                               "again: that record tells what became of it");
  rig.restart();
  EXPECT_FALSE(told().record) << "the log alone knows it";
  EXPECT_NE(told().reason.find("went through"), std::string::npos) << told().reason;
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
