// Edges of a call: declared by tokens, bound to the presenter, and never from a refused record.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

RecordRef finished(GatewayRig& rig, Action action, const std::string& result = "{}") {
  CallView& call = rig.submit(std::move(action));
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, result});
  EXPECT_TRUE(rig.run_until([&] { return call.released; }));
  return *call.record;
}

std::vector<std::string> edges(GatewayRig& rig, const RecordRef& record) {
  const json::Value payload = rig.payload(record);
  std::vector<std::string> out;
  const json::Array& pred = json::find(payload, {"pred"})->as_array();
  for (std::size_t i = 0; i < pred.size(); ++i) {
    const json::Value* basis = json::find(payload, {"ect_ext", "pawl.tool", "basis"});
    out.push_back(std::string(pred[i].as_string()) + " " +
                  std::string(basis->as_array()[i].as_string()));
  }
  return out;
}

TEST(Edges, PresentedTokenBecomesADeclaredParentInItsWorkflow) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  Action child = rig.action("tool.call", "b");
  child.session = "another session";
  child.parent_tokens = {parent.token};
  const RecordRef record = finished(rig, std::move(child));
  EXPECT_EQ(edges(rig, record), std::vector<std::string>{parent.id.text() + " declared"});
  EXPECT_EQ(rig.text(record, {"wid"}), rig.text(parent, {"wid"}));
}

TEST(Edges, AHundredChildrenAndAChildTwoDaysLaterWork) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  rig.clock.step(std::chrono::hours(48));
  for (int i = 0; i < 100; ++i) {
    Action child = rig.action("tool.call", "b");
    child.parent_tokens = {parent.token};
    CallView& call = rig.submit(std::move(child));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; })) << i;
  }
}

TEST(Edges, StolenTokenFromAnotherAgentDoesNotWork) {
  GatewayRig rig("rules: [{id: all, when: {agent: '**'}, then: allow, reason: test}]");
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  Action thief = rig.action("tool.call", "b");
  thief.caller.agent = "thief";
  thief.parent_tokens = {parent.token};
  CallView& call = rig.submit(std::move(thief));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
  EXPECT_NE(call.refused->reason.find("wrong_presenter"), std::string::npos);
}

TEST(Edges, ForgedTokenIsRefused) {
  GatewayRig rig;
  RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  parent.token[parent.token.size() / 2] ^= 1;
  Action child = rig.action("tool.call", "b");
  child.parent_tokens = {parent.token};
  CallView& call = rig.submit(std::move(child));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
}

TEST(Edges, OrderWithinASessionIsInferred) {
  GatewayRig rig;
  const RecordRef first = finished(rig, rig.action("tool.call", "a"));
  const RecordRef second = finished(rig, rig.action("tool.call", "b"));
  EXPECT_EQ(edges(rig, second), std::vector<std::string>{first.id.text() + " inferred"});
}

TEST(Edges, AnOutputSeenAgainInAnInputIsData) {
  GatewayRig rig;
  const RecordRef first =
      finished(rig, rig.action("tool.call", "a"), R"({"text":"ticket-4711-secret"})");
  const RecordRef second =
      finished(rig, rig.action("tool.call", "b", R"({"id":"ticket-4711-secret"})"));
  EXPECT_EQ(edges(rig, second), std::vector<std::string>{first.id.text() + " data"});
}

TEST(Edges, RefusedRecordIsNoParent) {
  GatewayRig rig(
      "rules:\n"
      "  - {id: no, when: {tool: bad}, then: deny, reason: test}\n"
      "  - {id: all, when: {agent: triage}, then: allow, reason: test}\n");
  CallView& refused = rig.submit("tool.call", "bad");
  ASSERT_TRUE(rig.run_until([&] { return refused.ended(); }));
  ASSERT_TRUE(refused.refused);
  EXPECT_TRUE(edges(rig, finished(rig, rig.action("tool.call", "b"))).empty());
}

TEST(Edges, ThousandsOfSequentialCallsInOneWorkflowWork) {
  GatewayRig rig;
  std::string token;
  for (int i = 0; i < 2000; ++i) {
    Action action = rig.action("tool.call", "a");
    action.read_only = true;
    if (!token.empty()) {
      action.parent_tokens = {token};
    }
    token = finished(rig, std::move(action)).token;
  }
  EXPECT_EQ(rig.ledger->size(), 2000u);
}

}  // namespace
}  // namespace pawl
