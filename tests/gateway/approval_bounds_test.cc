// How much may wait for people: approvals of one agent, and what waiting calls keep in memory.
#include <gtest/gtest.h>

#include <memory>

#include "tests/foundation/acp/sample_chain.h"
#include "tests/gateway/approval_desk_fixture.h"

namespace pawl {
namespace {

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

// Compiled, a policy token takes far more than its text, and stays as long as its call waits.
TEST_F(ApprovalDeskTest, AWaitingCallCountsWithItsPolicyTokens) {
  const auto hold = [&](const std::string& tool, std::size_t memory) -> CallView& {
    auto chain = std::make_shared<acp::Chain>();
    acp::Claims claims = acp::sample_claims();
    claims.exp = rig.clock.wall().seconds() + 600;
    claims.nodes[0].agent = "spiffe://example.org/agent/triage";
    claims.nodes[0].act = tool;
    claims.nodes[0].constraints.reset();
    claims.nodes.resize(1);
    claims.edges.clear();
    claims.constraints.clear();
    claims.gates.clear();
    chain->links.push_back(
        *acp::compile(*acp::read(*jose::decode(acp::signed_by(acp::kIssuer, claims)))));
    chain->memory = memory;
    Action action = rig.action("tool.call", tool);
    action.policy = std::move(chain);
    return rig.submit(std::move(action));
  };
  const std::size_t share = rig.settings.waiting_bytes / 4;
  hold("small", share / 2);
  rig.only();
  CallView& large = hold("large", share);
  ASSERT_TRUE(ends(rig, large));
  ASSERT_TRUE(large.refused);
  EXPECT_EQ(large.refused->code, Code::kOverloaded);
  EXPECT_EQ(large.refused->rule, "waiting-holds");
}

}  // namespace
}  // namespace pawl
