// What becomes of a call that a rule holds where nobody can be asked: it is refused, at every point
// where the path decides, and with a record of its own.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"
#include "tests/support/holding_rules.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

void hold_all(GatewayRig& rig, HoldTerms terms = approved_by("approver")) {
  rig.rule_board.publish(std::make_shared<HoldingRules>(std::move(terms), "it costs money"));
  rig.gate.advance(EpochKind::kRules);
}

// It ended without having been forwarded, and there is a record of it.
bool is_refused(GatewayRig& rig, const CallView& call) {
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
  return call.refused && call.record && !call.forwarded;
}

TEST(Hold, AHeldCallIsRefusedBeforeAnythingIsSent) {
  GatewayRig rig;
  hold_all(rig);
  const CallView& call = rig.submit("tool.call", "pay");
  ASSERT_TRUE(is_refused(rig, call));
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
  EXPECT_EQ(call.refused->control, "rules");
  EXPECT_EQ(call.refused->rule, "ask");
  EXPECT_EQ(
      call.refused->reason,
      "held for approval by rule \"ask\" (it costs money); nobody can be asked here, so it is "
      "refused");
  EXPECT_FALSE(call.refused->retry_helps);
  EXPECT_EQ(rig.ledger->stats().intents, 0u);
}

TEST(Hold, ItsRecordSaysThatAPersonHasToDecide) {
  GatewayRig rig;
  hold_all(rig);
  const CallView& call = rig.submit("tool.call", "pay");
  ASSERT_TRUE(is_refused(rig, call));
  const RecordRef& record = *call.record;
  EXPECT_EQ(rig.text(record, {"exec_act"}), "task.denied");
  EXPECT_EQ(rig.text(record, {"ect_ext", "pol"}), "ask");
  EXPECT_EQ(rig.text(record, {"ect_ext", "pol_decision"}), "pending_human_review");
  EXPECT_EQ(rig.text(record, {"ect_ext", "pawl.task", "outcome"}), "denied");
  EXPECT_EQ(rig.text(record, {"ect_ext", "pawl.task", "code"}), "approval_required");
  EXPECT_EQ(rig.text(record, {"ect_ext", "pawl.task", "control"}), "rules");
  const std::string payload = json::print(rig.payload(record));
  EXPECT_NE(payload.find("\"rules: hold ask (rules.yaml:3)\""), std::string::npos) << payload;
  EXPECT_NE(payload.find(R"("atoms":["7"])"), std::string::npos) << payload;
}

TEST(Hold, AReadIsHeldToo) {
  GatewayRig rig;
  hold_all(rig);
  Action action = rig.action("resource.read", "");
  action.read_only = true;
  const CallView& call = rig.submit(std::move(action));
  ASSERT_TRUE(is_refused(rig, call));
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
}

TEST(Hold, ARepeatOfACallIsHeldLikeTheCall) {
  GatewayRig rig;
  const CallView& first = rig.submit_to_end(rig.action("tool.call", "pay"));
  hold_all(rig);
  Action again = rig.action("tool.call", "pay");
  again.repeat_of = first.record->id;
  const CallView& call = rig.submit(std::move(again));
  ASSERT_TRUE(is_refused(rig, call));
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
}

TEST(Hold, NobodyWhoMayDecideIsADenial) {
  GatewayRig rig;
  hold_all(rig, HoldTerms{});
  const CallView& call = rig.submit("tool.call", "pay");
  ASSERT_TRUE(is_refused(rig, call));
  EXPECT_EQ(call.refused->code, Code::kDenied);
  EXPECT_EQ(call.refused->rule, "ask");
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol_decision"}), "rejected");
}

TEST(Hold, WhatAServerTellsCannotWait) {
  for (const char* verb :
       {"log.message", "resource.updated", "task.status", "elicitation.completed"}) {
    SCOPED_TRACE(verb);
    GatewayRig rig;
    hold_all(rig);
    Action notice = rig.action(verb, "");
    notice.direction = Direction::kToClient;
    const CallView& call = rig.submit(std::move(notice));
    ASSERT_TRUE(is_refused(rig, call));
    EXPECT_EQ(call.refused->code, Code::kDenied);
    EXPECT_NE(call.refused->reason.find("a notice cannot wait"), std::string::npos);
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol_decision"}), "rejected");
  }
}

TEST(Hold, WhatAServerAsksCould) {
  GatewayRig rig;
  hold_all(rig);
  Action request = rig.action("sampling.request", "");
  request.direction = Direction::kToClient;
  const CallView& call = rig.submit(std::move(request));
  ASSERT_TRUE(is_refused(rig, call));
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
}

TEST(Hold, ARuleThatHoldsWhileTheIntentIsWrittenClosesTheGate) {
  GatewayRig rig;
  CallView& call = rig.submit("tool.call", "pay");
  hold_all(rig);
  ASSERT_TRUE(is_refused(rig, call));
  EXPECT_TRUE(call.gate_refused);
  EXPECT_EQ(call.refused->code, Code::kApprovalRequired);
  EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
}

TEST(Hold, ACallThatWaitedForItsTurnIsHeldWhenItComes) {
  GatewayLimits limits;
  limits.bulkhead.open_total = 1;
  GatewayRig rig(kAllowTriage, limits);
  CallView& first = rig.submit("tool.call", "pay");
  ASSERT_TRUE(rig.run_until([&] { return first.forwarded; }));
  CallView& second = rig.submit("tool.call", "pay");
  hold_all(rig);
  EXPECT_FALSE(second.ended());
  first.events->answered({true, "{}"});
  ASSERT_TRUE(is_refused(rig, second));
  EXPECT_EQ(second.refused->code, Code::kApprovalRequired);
}

TEST(Hold, UnpluggedItGoesThroughAsAllowed) {
  const Unplugged out(ControlId::kHold);
  GatewayRig rig;
  hold_all(rig);
  CallView& call = rig.submit("tool.call", "pay");
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
}

}  // namespace
}  // namespace pawl
