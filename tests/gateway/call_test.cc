// The one path: what is durable when, and what a call's record says of how it ended.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

const std::initializer_list<std::string_view> kOutcome = {"ect_ext", "pawl.tool", "outcome"};

TEST(Call, IntentIsDurableBeforeTheRequestLeaves) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  EXPECT_FALSE(call.forwarded);
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  EXPECT_EQ(rig.ledger->stats().intents, 1u);
}

TEST(Call, ReadOnlyToolsSkipTheFirstWait) {
  GatewayRig rig;
  Action action = rig.action("tool.call", "read_file");
  action.read_only = true;
  CallView& call = rig.submit(std::move(action));
  EXPECT_TRUE(call.forwarded);
  EXPECT_EQ(rig.ledger->stats().intents, 0u);
}

TEST(Call, AnswerIsReleasedOnlyWithItsDurableRecord) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, R"({"content":[]})"});
  EXPECT_FALSE(call.released);
  ASSERT_TRUE(rig.run_until([&] { return call.released; }));
  EXPECT_GT(rig.ledger->size(), call.record->index);
  EXPECT_EQ(rig.text(*call.record, kOutcome), "confirmed");
  EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "tool.call");
}

struct LossCase {
  const char* name;
  Loss loss;
  Code code;
};

TEST(Call, EveryLossAfterForwardingIsUnknownNeverFailed) {
  const LossCase cases[] = {
      {"connection", Loss::kConnection, Code::kUpstreamFailed},
      {"timeout", Loss::kTimeout, Code::kDeadlineExceeded},
      {"garbage", Loss::kGarbage, Code::kUpstreamFailed},
      {"cancelled", Loss::kCancelled, Code::kCancelled},
      // The gate let a byte out, so the adapter's word that nothing left is not believed.
      {"not_sent after the gate opened", Loss::kNotSent, Code::kUpstreamFailed},
  };
  for (const LossCase& row : cases) {
    SCOPED_TRACE(row.name);
    GatewayRig rig;
    CallView& call = rig.submit("tool.call", "write_file");
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    call.events->lost(row.loss, "test");
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    ASSERT_TRUE(call.refused);
    EXPECT_EQ(call.refused->code, row.code);
    EXPECT_EQ(rig.text(*call.record, kOutcome), "unknown");
  }
}

TEST(Call, UpstreamErrorIsFailed) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({false, R"({"code":-32000,"message":"no"})"});
  ASSERT_TRUE(rig.run_until([&] { return call.released; }));
  EXPECT_EQ(rig.text(*call.record, kOutcome), "failed");
}

TEST(Call, DeadlineCutsAHangingUpstream) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.scheduler.fire_timers();
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_TRUE(call.abandoned);
  EXPECT_EQ(call.refused->code, Code::kDeadlineExceeded);
}

TEST(Call, ListsNeedNoRuleOfTheirOwnButAnItemToUse) {
  GatewayRig rig("rules: [{id: one, when: {verb: tool.call, tool: read}, then: allow, reason: t}]");
  CallView& tools = rig.submit("tool.list", "");
  EXPECT_TRUE(rig.run_until([&] { return tools.forwarded; }));
  CallView& prompts = rig.submit("prompt.list", "");
  EXPECT_TRUE(rig.run_until([&] { return prompts.ended(); }));
  EXPECT_TRUE(prompts.refused);
  Caller triage;
  triage.agent = "triage";
  EXPECT_TRUE(rig.gateway->may_use(triage, "files", "tool.list", ""));
  EXPECT_TRUE(rig.gateway->may_use(triage, "files", "tool.call", "read"));
  EXPECT_FALSE(rig.gateway->may_use(triage, "files", "tool.call", "write"));
  EXPECT_FALSE(rig.gateway->may_use(triage, "files", "prompt.list", ""));
}

TEST(Call, AnswersTwiceCountOnce) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, "{}"});
  call.events->answered({false, "{}"});
  call.events->lost(Loss::kConnection, "late");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(rig.text(*call.record, kOutcome), "confirmed");
  EXPECT_EQ(rig.ledger->size(), 1u);
  EXPECT_NE(rig.metrics.text().find("pawl_late_answers_total 1"), std::string::npos);
}

TEST(Call, RefusedCallIsARecordAndIsNotForwarded) {
  GatewayRig rig("rules: []");
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kDenied);
  EXPECT_EQ(call.refused->rule, "default-deny");
  EXPECT_FALSE(call.forwarded);
  EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol_decision"}), "rejected");
}

TEST(Call, RuleChangedWhileTheIntentWasWrittenClosesTheGate) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  rig.set_rules("rules: []");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_TRUE(call.gate_refused);
  EXPECT_FALSE(call.forwarded);
  EXPECT_EQ(call.refused->code, Code::kDenied);
  EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
}

TEST(Call, LedgerThatCannotWriteStopsEverythingGoverned) {
  GatewayRig rig;
  rig.files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  CallView& first = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return first.ended(); }));
  EXPECT_FALSE(first.forwarded);
  EXPECT_EQ(first.refused->code, Code::kEvidenceUnavailable);
  Action read = rig.action("tool.call", "read_file");
  read.read_only = true;
  CallView& second = rig.submit(std::move(read));
  EXPECT_FALSE(second.forwarded);
  EXPECT_EQ(second.refused->code, Code::kEvidenceUnavailable);
}

TEST(Call, RecordThatCannotBeWrittenHoldsTheAnswerBack) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  call.events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.released);
  EXPECT_EQ(call.refused->code, Code::kEvidenceUnavailable);
}

TEST(Call, RecordThatCannotBeWrittenStillSaysThatTheCallWasSent) {
  for (const bool sent : {true, false}) {
    SCOPED_TRACE(sent);
    GatewayRig rig(sent ? kAllowTriage : "rules: []");
    CallView& call = rig.submit("tool.call", "write_file");
    ASSERT_EQ(rig.run_until([&] { return call.forwarded || call.ended(); }), true);
    if (sent) {
      rig.files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
      call.events->answered({true, "{}"});
    }
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_EQ(call.refused->was_sent, sent);
  }
}

TEST(Call, OpenIntentsBecomeUnknownRecords) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  rig.gateway.reset();
  rig.ledger.reset();
  rig.open();
  ASSERT_EQ(rig.recovery.open_intents.size(), 1u);
  bool done = false;
  record_unknowns(*rig.recorder, rig.recovery.open_intents, {},
                  [&](const Result<std::size_t>& count) {
                    EXPECT_EQ(*count, 1u);
                    done = true;
                  });
  ASSERT_TRUE(rig.run_until([&] { return done; }));
  EXPECT_EQ(rig.text(RecordRef{{}, 0, ""}, kOutcome), "unknown");
  rig.gateway.reset();
  rig.ledger.reset();
  rig.open();
  EXPECT_TRUE(rig.recovery.open_intents.empty());
}

// What the kill -9 test of the whole program found once: 103 executed reads without a record.
TEST(Call, ReadOfAKilledProcessBecomesAnUnknownRecordOnce) {
  GatewayRig rig;
  const auto read = [&rig] {
    Action action = rig.action("tool.call", "read_file");
    action.read_only = true;
    return action;
  };
  CallView& answered = rig.submit(read());
  EXPECT_TRUE(answered.forwarded) << "a read waits for nothing";
  answered.events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return answered.released; }));
  CallView& open = rig.submit(read());
  EXPECT_TRUE(open.forwarded);
  for (const std::size_t expected : {1u, 0u}) {
    rig.gateway.reset();
    rig.ledger.reset();
    rig.open();
    ASSERT_EQ(rig.notes.size(), expected);
    bool done = false;
    record_unknowns(*rig.recorder, {}, rig.notes, [&](const Result<std::size_t>& count) {
      EXPECT_EQ(*count, expected);
      done = true;
    });
    ASSERT_TRUE(rig.run_until([&] { return done; }));
  }
  EXPECT_EQ(rig.ledger->size(), 2u);
  EXPECT_EQ(rig.text(RecordRef{{}, 1, ""}, kOutcome), "unknown");
}

TEST(Call, ReadThatCannotBeNotedWaitsForAnIntent) {
  GatewayRig rig;
  rig.files_->fail_call(FaultFiles::Operation::kWrite, 1, FaultFiles::Fault::kNoSpace);
  Action read = rig.action("tool.call", "read_file");
  read.read_only = true;
  CallView& call = rig.submit(std::move(read));
  EXPECT_FALSE(call.forwarded);
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  EXPECT_EQ(rig.ledger->stats().intents, 1u);
}

TEST(Call, AgentOverItsShareIsRefusedOthersAreNot) {
  GatewayLimits limits;
  limits.bulkhead.open_per_agent = 2;
  GatewayRig rig("rules: [{id: all, when: {agent: '**'}, then: allow, reason: test}]", limits);
  rig.submit("tool.call", "a");
  rig.submit("tool.call", "b");
  CallView& third = rig.submit("tool.call", "c");
  ASSERT_TRUE(rig.run_until([&] { return third.ended(); }));
  EXPECT_EQ(third.refused->code, Code::kOverloaded);
  Action other = rig.action("tool.call", "a");
  other.caller.agent = "other";
  CallView& fourth = rig.submit(std::move(other));
  EXPECT_TRUE(rig.run_until([&] { return fourth.forwarded; }));
}

TEST(Call, WaitingCallGoesOnWhenASlotIsFree) {
  GatewayLimits limits;
  limits.bulkhead.open_total = 1;
  GatewayRig rig(kAllowTriage, limits);
  CallView& first = rig.submit("tool.call", "a");
  CallView& second = rig.submit("tool.call", "b");
  ASSERT_TRUE(rig.run_until([&] { return first.forwarded; }));
  EXPECT_FALSE(second.forwarded);
  first.events->answered({true, "{}"});
  EXPECT_TRUE(rig.run_until([&] { return second.forwarded; }));
}

// A slot that is free goes to a waiting call in a later step; what happens to the call before it?
class GrantedTooLate : public ::testing::Test {
 protected:
  static GatewayLimits limits() {
    GatewayLimits out;
    out.bulkhead.open_total = 1;
    out.flood.burst = 0;  // a refusal ends its call at once
    out.flood.records_per_second = 0;
    return out;
  }
  CallView& waits_until_granted() {
    CallView& first = rig_.submit("tool.call", "a");
    Action second = rig_.action("tool.call", "b");
    second.caller.agent = "other";
    CallView& waiting = rig_.submit(std::move(second));
    EXPECT_TRUE(rig_.run_until([&] { return first.forwarded; }));
    first.events->answered({true, "{}"});
    EXPECT_TRUE(rig_.run_until([&] { return first.released; }));
    EXPECT_FALSE(waiting.forwarded);
    rig_.stop("agent:other");
    rig_.gateway->recheck_open_calls();
    return waiting;
  }
  GatewayRig rig_{"rules: [{id: all, when: {agent: '**'}, then: allow, reason: test}]", limits()};
};

TEST_F(GrantedTooLate, TheSlotOfACallThatEndsFirstIsNotLost) {
  EXPECT_TRUE(waits_until_granted().ended());
  CallView& third = rig_.submit("tool.call", "c");
  EXPECT_TRUE(rig_.run_until([&] { return third.forwarded; }));
}

TEST(Call, RefusedWhileItsSlotWasOnTheWayHasOneRecord) {
  GatewayLimits limits;
  limits.bulkhead.open_total = 1;
  GatewayRig rig("rules: [{id: all, when: {agent: '**'}, then: allow, reason: test}]", limits);
  CallView& first = rig.submit("tool.call", "a");
  Action second = rig.action("tool.call", "b");
  second.caller.agent = "other";
  CallView& waiting = rig.submit(std::move(second));
  ASSERT_TRUE(rig.run_until([&] { return first.forwarded; }));
  first.events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return first.released; }));
  rig.stop("agent:other");
  rig.gateway->recheck_open_calls();
  rig.stop_board.publish({});
  rig.gate.advance(EpochKind::kStops);
  ASSERT_TRUE(rig.run_until([&] { return waiting.ended(); }));
  EXPECT_FALSE(waiting.forwarded);
  EXPECT_EQ(waiting.refused->code, Code::kStopped);
  EXPECT_EQ(rig.ledger->size(), 2u) << "one of each call";
}

TEST(Call, FloodOfRefusalsBecomesOneRecord) {
  GatewayLimits limits;
  limits.flood.burst = 3;
  limits.flood.records_per_second = 0;
  GatewayRig rig("rules: []", limits);
  CallView* last = nullptr;
  for (int i = 0; i < 50; ++i) {
    last = &rig.submit("tool.call", "write_file");
  }
  ASSERT_TRUE(rig.run_until([&] { return last->ended() && rig.ledger->size() == 3; }));
  EXPECT_TRUE(last->record->id.is_nil());
  rig.clock.step(std::chrono::seconds(10));
  rig.gateway->tick();
  ASSERT_TRUE(rig.run_until([&] { return rig.ledger->size() == 4; }));
  const json::Value summary = rig.payload(RecordRef{{}, 3, ""});
  EXPECT_EQ(*json::find_string(summary, {"exec_act"}), "refusal.summary");
  EXPECT_EQ(json::find(summary, {"ect_ext", "pawl.refusal", "count"})->as_int64(), 47);
}

TEST(Call, AFloodOfNoticesOfOneServerBecomesOneRecordAndTakesNoneOfAnothers) {
  GatewayLimits limits;
  limits.notices.burst = 3;
  limits.notices.records_per_second = 0;
  GatewayRig rig(kAllowTriage, limits);
  const auto notice = [&](const std::string& server, int n) -> CallView& {
    Action action = rig.action("log.message", "", R"({"data":)" + std::to_string(n) + "}");
    action.method = "notifications/message";
    action.direction = Direction::kToClient;
    action.server = server;
    CallView& call = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
    call.events->answered({true, "{}"});
    return call;
  };
  for (int n = 0; n < 50; ++n) {
    notice("noisy", n);
  }
  CallView& quiet = notice("quiet", 0);
  ASSERT_TRUE(rig.run_until([&] { return quiet.released; }));
  EXPECT_EQ(rig.ledger->size(), 4u) << "three of noisy, one of quiet";
  rig.clock.step(std::chrono::seconds(10));
  rig.gateway->tick();
  ASSERT_TRUE(rig.run_until([&] { return rig.ledger->size() == 5; }));
  const json::Value summary = rig.payload(RecordRef{{}, 4, ""});
  EXPECT_EQ(*json::find_string(summary, {"exec_act"}), "notice.summary");
  EXPECT_EQ(*json::find_string(summary, {"ect_ext", "pawl.notice", "server"}), "noisy");
  EXPECT_EQ(json::find(summary, {"ect_ext", "pawl.notice", "count"})->as_int64(), 47);
  EXPECT_NE(rig.metrics.text().find("pawl_notices_summarized_total 47"), std::string::npos);
}

TEST(Call, ARefusedNoticeOfAFloodIsNotForwarded) {
  GatewayLimits limits;
  limits.notices.burst = 0;
  limits.notices.records_per_second = 0;
  GatewayRig rig("rules: []", limits);
  Action action = rig.action("log.message", "");
  action.direction = Direction::kToClient;
  CallView& call = rig.submit(std::move(action));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.forwarded);
  EXPECT_TRUE(call.refused);
}

}  // namespace
}  // namespace pawl
