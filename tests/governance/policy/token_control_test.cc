// What the row `tokens` says: of each kind of request, of each answer of acp::standing(), and with
// each part of its question unplugged.
#include "governance/policy/token_control.h"

#include <gtest/gtest.h>

#include "tests/foundation/acp/sample_chain.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

using acp::Claims;

struct Case {
  const char* name;
  Ruling ruling;
  const char* rule;
  std::optional<ControlId> seam;  // without it the row passes
  void (*arrange)(Claims& claims, Action& action, acp::NodeState& parent) = nullptr;
};

Claims claims_without_limits() {
  Claims out = acp::sample_claims();
  out.constraints[0].resource_limits.clear();
  return out;
}

// `b` deploys at the server `ci`, after `a` has planned; the gate g1 asks a release manager.
Action deploy() {
  Action out;
  out.verb = "tool.call";
  out.server = "ci";
  out.tool = "deploy";
  out.caller.agent = "b";
  out.caller.proof = Caller::Proof::kBearerKey;
  return out;
}

std::shared_ptr<const acp::Chain> chain_of(const Claims& claims) {
  auto chain = acp::verify_chain(std::vector{acp::signed_by(acp::kIssuer, claims)},
                                 acp::sample_keys(), acp::kGateway, acp::kNow);
  EXPECT_TRUE(chain) << chain.error().message;
  return std::make_shared<const acp::Chain>(*std::move(chain));
}

Verdict ask(const Action& action, acp::NodeState parent = acp::NodeState::kDone,
            std::int64_t now = acp::kNow, bool has_room = true, bool must_have = false) {
  const TokenControl control({.domain = "example.org",
                              .state =
                                  [&](std::string_view run, std::string_view node) {
                                    EXPECT_EQ(run.size(), 43u);
                                    return node == "n1" ? parent : acp::NodeState::kOpen;
                                  },
                              .has_room = [&] { return has_room; },
                              .must_have = [&](const Caller&) { return must_have; }});
  return control.decide(action, Moment{WallTime{now * 1'000'000}});
}

const Case kCases[] = {
    {"the gate's terms", Ruling::kHold, "acp-gate-pause", ControlId::kAcpHitl},
    {"no gate", Ruling::kPass, "", std::nullopt,
     [](Claims& claims, Action&, acp::NodeState&) { claims.gates.clear(); }},
    {"the gate says abort", Ruling::kDeny, "acp-gate-abort", ControlId::kAcpHitl,
     [](Claims& claims, Action&, acp::NodeState&) {
       claims.gates[0].action = acp::GateAction::kAbort;
     }},
    {"the gate escalates at once", Ruling::kHold, "acp-gate-escalate", ControlId::kAcpHitl,
     [](Claims& claims, Action&, acp::NodeState&) {
       claims.gates[0].action = acp::GateAction::kEscalate;
     }},
    {"nobody of the graph", Ruling::kDeny, "acp-not-in-graph", ControlId::kAcpNode,
     [](Claims&, Action& action, acp::NodeState&) { action.caller.agent = "c"; }},
    {"another tool", Ruling::kDeny, "acp-wrong-act", ControlId::kAcpNode,
     [](Claims&, Action& action, acp::NodeState&) { action.tool = "destroy"; }},
    {"another agent's act", Ruling::kDeny, "acp-wrong-act", ControlId::kAcpNode,
     [](Claims&, Action& action, acp::NodeState&) { action.caller.agent = "a"; }},
    {"a parent that is open", Ruling::kDeny, "acp-parents-open", ControlId::kAcpParentsDone,
     [](Claims& claims, Action&, acp::NodeState& parent) {
       claims.gates.clear();
       parent = acp::NodeState::kOpen;
     }},
    {"a parent that failed", Ruling::kDeny, "acp-parents-open", ControlId::kAcpParentsDone,
     [](Claims& claims, Action&, acp::NodeState& parent) {
       claims.gates.clear();
       parent = acp::NodeState::kFailed;
     }},
    {"acts of the graph", Ruling::kDeny, "acp-allowed-acts", ControlId::kAcpConstraint,
     [](Claims& claims, Action&, acp::NodeState&) {
       claims.constraints[0].allowed_acts = {"plan"};
     }},
    {"agents of the graph", Ruling::kDeny, "acp-allowed-agents", ControlId::kAcpConstraint,
     [](Claims& claims, Action&, acp::NodeState&) {
       claims.constraints[0].allowed_agents = {acp::kA};
     }},
    {"rules of the node", Ruling::kDeny, "acp-rules", ControlId::kAcpConstraint,
     [](Claims& claims, Action&, acp::NodeState&) {
       claims.nodes[1].constraints = acp::Constraints{.rules = json::Array()};
     }},
    {"a limit that nobody counts", Ruling::kDeny, "acp-resource-limits", ControlId::kAcpLimits,
     [](Claims& claims, Action&, acp::NodeState&) {
       claims.constraints[0].resource_limits = {{"tokens", "count", "1000"}};
     }},
};

TEST(TokenControl, EachViolationHasItsRuleAndPassesUnplugged) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    Claims claims = claims_without_limits();
    Action action = deploy();
    acp::NodeState parent = acp::NodeState::kDone;
    if (row.arrange != nullptr) {
      row.arrange(claims, action, parent);
    }
    action.policy = chain_of(claims);
    const Verdict verdict = ask(action, parent);
    EXPECT_EQ(verdict.ruling, row.ruling) << verdict.reason;
    EXPECT_EQ(verdict.rule, row.rule);
    EXPECT_EQ(verdict.hold != nullptr, row.ruling == Ruling::kHold);
    EXPECT_EQ(verdict.retry_helps, std::string_view(row.rule) == "acp-parents-open");
    ASSERT_NE(verdict.policy, nullptr);
    EXPECT_EQ(verdict.policy->token, claims.jti);
    EXPECT_EQ(verdict.policy->run, action.policy->run);
    EXPECT_EQ(verdict.policy->until_s, claims.exp);
    if (row.seam) {
      const Unplugged out(*row.seam);
      EXPECT_EQ(ask(action, parent).ruling, Ruling::kPass);
    }
  }
}

TEST(TokenControl, AHoldHasTheTermsOfTheGate) {
  Action action = deploy();
  action.policy = chain_of(claims_without_limits());
  const Verdict verdict = ask(action);
  ASSERT_NE(verdict.hold, nullptr);
  EXPECT_EQ(*verdict.hold, (HoldTerms{.roles = {"release-manager"},
                                      .of = 1,
                                      .uses = 1,
                                      .within_s = 900,
                                      .escalate_to = {"head"}}));
  EXPECT_EQ(verdict.policy->node, "n2");
  EXPECT_NE(verdict.reason.find("the rule g1 of hitl"), std::string::npos) << verdict.reason;
}

TEST(TokenControl, NeverAllows) {
  Claims claims = claims_without_limits();
  claims.gates.clear();
  Action action = deploy();
  action.policy = chain_of(claims);
  EXPECT_EQ(ask(action).ruling, Ruling::kPass);
  EXPECT_EQ(ask(action, acp::NodeState::kDone, claims.exp).rule, "acp-expired");
}

TEST(TokenControl, WithoutRoomNoFurtherNodeIsBegun) {
  Claims claims = claims_without_limits();
  claims.gates.clear();
  Action action = deploy();
  action.policy = chain_of(claims);
  const Verdict verdict = ask(action, acp::NodeState::kDone, acp::kNow, false);
  EXPECT_EQ(verdict.ruling, Ruling::kDeny);
  EXPECT_EQ(verdict.code, Code::kOverloaded);
  EXPECT_TRUE(verdict.retry_helps);
  action.caller.agent = "a";  // n1 is known
  action.tool = "plan";
  EXPECT_EQ(ask(action, acp::NodeState::kDone, acp::kNow, false).ruling, Ruling::kPass);
}

TEST(TokenControl, WhoMustHaveOneMayNotActWithout) {
  const auto needed = [](const Action& action) {
    return ask(action, acp::NodeState::kDone, acp::kNow, true, true);
  };
  Action action = deploy();
  EXPECT_EQ(ask(action).ruling, Ruling::kPass);
  EXPECT_EQ(needed(action).rule, "acp-required");
  {
    const Unplugged out(ControlId::kAcpRequired);
    EXPECT_EQ(needed(action).ruling, Ruling::kPass);
  }
  for (const char* verb : {"tool.list", "task.cancel", "log.message"}) {  // the last is a notice
    action.verb = verb;
    EXPECT_EQ(needed(action).ruling, Ruling::kPass) << verb;
  }
  action.verb = "sampling.request";
  action.direction = Direction::kToClient;
  EXPECT_EQ(needed(action).ruling, Ruling::kPass);
}

TEST(TokenControl, ALookNeedsAGoodTokenAndNoNode) {
  const Claims claims = claims_without_limits();
  Action action = deploy();
  action.policy = chain_of(claims);
  action.tool.clear();
  for (const char* verb : {"tool.list", "prompt.list", "resource.list", "resource.templates",
                           "task.get", "task.result", "task.cancel", "task.list", "task.update"}) {
    SCOPED_TRACE(verb);
    action.verb = verb;
    action.caller.agent = "b";
    EXPECT_EQ(ask(action, acp::NodeState::kOpen).ruling, Ruling::kPass);
    EXPECT_TRUE(ask(action).policy->node.empty());
    EXPECT_EQ(ask(action, acp::NodeState::kDone, claims.exp).rule, "acp-expired");
    action.caller.agent = "c";
    EXPECT_EQ(ask(action).rule, "acp-not-in-graph");
  }
  action.verb = "resource.read";  // an act, which no node has
  action.caller.agent = "b";
  EXPECT_EQ(ask(action).rule, "acp-wrong-act");
}

}  // namespace
}  // namespace pawl
