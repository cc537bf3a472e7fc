// A call that is sent again, because its tool is idempotent and its connection was lost.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

const std::initializer_list<std::string_view> kOutcome = {"ect_ext", "pawl.tool", "outcome"};

struct ResendCase {
  const char* name;
  bool idempotent;
  Loss loss;
  bool event_before;
  bool again;
};

TEST(Call, OnlyAnIdempotentCallIsSentAgainAndOnlyAfterALostConnection) {
  const ResendCase cases[] = {
      {"declared, connection lost", true, Loss::kConnection, false, true},
      {"not declared", false, Loss::kConnection, false, false},
      {"time-out", true, Loss::kTimeout, false, false},
      {"garbage", true, Loss::kGarbage, false, false},
      {"cancelled", true, Loss::kCancelled, false, false},
      {"stopped", true, Loss::kStopped, false, false},
      {"shutdown", true, Loss::kShutdown, false, false},
      {"the client saw a part already", true, Loss::kConnection, true, false},
  };
  for (const ResendCase& row : cases) {
    SCOPED_TRACE(row.name);
    GatewayRig rig;
    Action action = rig.action("tool.call", "write_file");
    action.idempotent = row.idempotent;
    CallView& call = rig.submit(std::move(action));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    if (row.event_before) {
      call.events->event("progress");
    }
    call.forwarded = false;
    call.events->lost(row.loss, "test");
    if (row.again) {
      EXPECT_FALSE(call.forwarded) << "at once: a server that died needs a moment";
      rig.scheduler.fire_last_timer();
      EXPECT_TRUE(call.forwarded);
      call.events->answered({true, "{}"});
    }
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_EQ(rig.text(*call.record, kOutcome), row.again ? "confirmed" : "unknown");
    const json::Value record = rig.payload(*call.record);
    const json::Value* sends = json::find(record, {"ect_ext", "pawl.tool", "sends"});
    EXPECT_EQ(sends != nullptr, row.again);
    EXPECT_EQ(sends != nullptr ? sends->as_int64() : 1, row.again ? 2 : 1);
  }
}

// A server's question that nobody listened to was recorded as not sent, and shown to the person who
// listened later.
TEST(Call, NothingLeavesOnceTheRecordSaysThatNothingDid) {
  GatewayRig rig;
  CallView& call = rig.submit(rig.action("tool.call", "write_file"), true);
  ASSERT_TRUE(rig.run_until([&] { return call.gate != nullptr; }));
  call.events->withdrawn("the server cancelled its request");
  ASSERT_TRUE(rig.run_until([&] { return call.record.has_value(); }));
  EXPECT_TRUE(call.refused);
  bool has_left = false;
  EXPECT_FALSE(call.gate->pass([&] { has_left = true; }));
  EXPECT_FALSE(has_left);
}

TEST(Call, ASecondLostConnectionIsTheEnd) {
  GatewayRig rig;
  Action action = rig.action("tool.call", "write_file");
  action.idempotent = true;
  CallView& call = rig.submit(std::move(action));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->lost(Loss::kConnection, "first");
  rig.scheduler.fire_last_timer();
  call.events->lost(Loss::kConnection, "second");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(rig.text(*call.record, kOutcome), "unknown");
  EXPECT_TRUE(call.refused->was_sent);
}

TEST(Call, BeforeItIsSentAgainACallIsDecidedAnew) {
  for (const bool stop : {false, true}) {
    SCOPED_TRACE(stop ? "a stop" : "a rule");
    GatewayRig rig;
    Action action = rig.action("tool.call", "write_file");
    action.idempotent = true;
    CallView& call = rig.submit(std::move(action));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    call.forwarded = false;
    call.events->lost(Loss::kConnection, "test");
    if (stop) {
      rig.stop("agent:triage");
    } else {
      rig.set_rules("rules: []");
    }
    rig.scheduler.fire_last_timer();
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_FALSE(call.forwarded);
    EXPECT_EQ(rig.text(*call.record, kOutcome), "unknown");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol_decision"}), "approved");
    EXPECT_EQ(call.refused->code, stop ? Code::kStopped : Code::kDenied);
    EXPECT_TRUE(call.refused->was_sent);
  }
}

TEST(Call, WaitingToBeSentAgainEndsWithTheDeadlineAndTheClient) {
  for (const bool client : {false, true}) {
    SCOPED_TRACE(client ? "the client left" : "time is up");
    GatewayRig rig;
    Action action = rig.action("tool.call", "write_file");
    action.idempotent = true;
    CallView& call = rig.submit(std::move(action));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    call.forwarded = false;
    call.events->lost(Loss::kConnection, "test");
    if (client) {
      call.events->withdrawn("gone");
    }
    rig.scheduler.fire_timers();  // the deadline was set first
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    EXPECT_FALSE(call.forwarded);
    EXPECT_EQ(rig.text(*call.record, kOutcome), "unknown");
  }
}

}  // namespace
}  // namespace pawl
