#include "foundation/acp/acp_standing.h"

#include <gtest/gtest.h>

#include "foundation/acp/acp_attenuate.h"
#include "tests/foundation/acp/sample_chain.h"

namespace pawl::acp {
namespace {

const DoneNodes kAllDone = [](const Uuid&, std::string_view) { return NodeState::kDone; };

Chain chain_of(const Claims& claims) {
  const Result<Chain> out =
      verify_chain(std::vector{signed_by(kIssuer, claims)}, sample_keys(), kGateway, kNow);
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

std::string reason_of(const Standing& standing) {
  return standing.allowed && !standing.hold ? "allowed"
                                            : standing.reason.substr(0, standing.reason.find(':'));
}

std::string ask(const Claims& claims, const char* agent, const rules::Facts& facts,
                const DoneNodes& done = kAllDone, std::int64_t now = kNow) {
  return reason_of(standing(chain_of(claims), agent, facts, done, now));
}

TEST(AcpStanding, TheAgentIsThatOfANodeWithThisAct) {
  const Claims claims = sample_claims();
  EXPECT_EQ(ask(claims, kA, call_of("any", "plan")), "allowed");
  EXPECT_EQ(ask(claims, kB, call_of("any", "plan")), "wrong_act");
  EXPECT_EQ(ask(claims, kB, call_of("other", "deploy")), "wrong_act");
  EXPECT_EQ(ask(claims, kB, call_of("ci", "deploy")), "gate_pause");
  EXPECT_EQ(ask(claims, "spiffe://example.org/agent/c", call_of("ci", "deploy")), "not_in_graph");
  EXPECT_EQ(ask(claims, "", call_of("ci", "deploy")), "not_in_graph");
  // The name that the configuration gives the caller says nothing.
  rules::Facts facts = call_of("ci", "deploy");
  facts.agent = kB;
  EXPECT_EQ(ask(claims, kA, facts), "wrong_act");
}

TEST(AcpStanding, AnActMayBeAVerb) {
  Claims claims = sample_claims();
  claims.constraints.clear();
  claims.nodes[0].act = "resource.read";
  rules::Facts facts;
  facts.verb = "resource.read";
  facts.resource = "file:///x";
  EXPECT_EQ(ask(claims, kA, facts), "allowed");
  EXPECT_EQ(ask(claims, kA, call_of("s", "resource.read")), "wrong_act");
}

TEST(AcpStanding, ParentsComeFirst) {
  const Claims claims = sample_claims();
  const auto with = [&](NodeState state) {
    return ask(claims, kB, call_of("ci", "deploy"), [=](const Uuid& root, std::string_view node) {
      return root == id_of(1) && node == "n1" ? state : NodeState::kOpen;
    });
  };
  EXPECT_EQ(with(NodeState::kOpen), "parents_open");
  EXPECT_EQ(with(NodeState::kFailed), "parents_open");
  EXPECT_EQ(with(NodeState::kDone), "gate_pause");
}

TEST(AcpStanding, ALeftOutEdgeOpensNothing) {
  const std::string first = signed_by(kIssuer, sample_claims());
  const Token parent = *read(*jose::decode(first));
  const Claims child = *attenuate(parent, {.sub = kB, .nodes = {{"n2"}}}, id_of(2), kNow);
  EXPECT_TRUE(child.edges.empty());
  const auto chain =
      verify_chain(std::vector{first, signed_by(kA, child)}, sample_keys(), kGateway, kNow);
  ASSERT_TRUE(chain) << chain.error().message;
  const DoneNodes nothing = [](const Uuid&, std::string_view) { return NodeState::kOpen; };
  EXPECT_EQ(reason_of(standing(*chain, kB, call_of("ci", "deploy"), nothing, kNow)),
            "parents_open");
  EXPECT_EQ(reason_of(standing(*chain, kA, call_of("ci", "plan"), kAllDone, kNow)), "not_in_graph");
}

TEST(AcpStanding, EachConstraintHasItsReason) {
  const auto arguments = json::parse(R"({"env":"test","n":7})")->value;
  const rules::Facts plan = call_of("s", "plan", &arguments);
  const auto with = [&](const std::function<void(Constraints&)>& change, bool at_node) {
    Claims claims = sample_claims();
    if (at_node) {
      claims.nodes[0].constraints = Constraints{};
    }
    change(at_node ? *claims.nodes[0].constraints : claims.constraints[0]);
    return ask(claims, kA, plan);
  };
  const auto rules = [](const char* text) {
    return [text](Constraints& c) { c.rules = json::parse(text)->value.get_array(); };
  };
  for (const bool at_node : {false, true}) {
    EXPECT_EQ(with([](Constraints& c) { c.allowed_acts = {"ci/deploy"}; }, at_node),
              "allowed_acts");
    EXPECT_EQ(with([](Constraints& c) { c.allowed_agents = {kB}; }, at_node), "allowed_agents");
    EXPECT_EQ(with([](Constraints& c) { c.allowed_agents = {kA}; }, at_node), "allowed");
    EXPECT_EQ(
        with(rules(R"([{"id":"r","when":{"arguments":{"env":"test"}},"then":"allow"}])"), at_node),
        "allowed");
    EXPECT_EQ(
        with(rules(R"([{"id":"r","when":{"arguments":{"env":"live"}},"then":"allow"}])"), at_node),
        "rules");
    EXPECT_EQ(with(rules(R"([{"id":"a","when":{"tool":"**"},"then":"allow"},
                             {"id":"d","when":{"arguments":{"n":{"range":{"gt":5}}}},
                              "then":"deny","reason":"r"}])"),
                   at_node),
              "rules");
    EXPECT_EQ(with(rules("[]"), at_node), "rules");
  }
}

TEST(AcpStanding, TimesAreJudgedAtEachCall) {
  Claims claims = sample_claims();
  claims.nodes[0].constraints = Constraints{.not_after = kNow + 5};
  claims.constraints[0].not_after = kNow + 10;
  const rules::Facts plan = call_of("s", "plan");
  EXPECT_EQ(ask(claims, kA, plan, kAllDone, kNow + 4), "allowed");
  EXPECT_EQ(ask(claims, kA, plan, kAllDone, kNow + 5), "not_after");
  claims.nodes[0].constraints.reset();
  EXPECT_EQ(ask(claims, kA, plan, kAllDone, kNow + 9), "allowed");
  EXPECT_EQ(ask(claims, kA, plan, kAllDone, kNow + 10), "not_after");
  EXPECT_EQ(ask(claims, kA, plan, kAllDone, claims.exp), "expired");
}

TEST(AcpStanding, AGateGivesTheTermsOfTheHold) {
  const Standing paused =
      standing(chain_of(sample_claims()), kB, call_of("ci", "deploy"), kAllDone, kNow);
  ASSERT_TRUE(paused.allowed && paused.hold);
  EXPECT_EQ(paused.node, "n2");
  EXPECT_EQ(*paused.hold,
            (HoldTerms{.roles = {"release-manager"}, .within_s = 900, .escalate_to = {"head"}}));
  Claims claims = sample_claims();
  claims.gates[0].action = GateAction::kEscalate;
  const Standing escalated =
      standing(chain_of(claims), kB, call_of("ci", "deploy"), kAllDone, kNow);
  ASSERT_TRUE(escalated.allowed && escalated.hold);
  EXPECT_EQ(reason_of(escalated), "gate_escalate");
  EXPECT_EQ(*escalated.hold, (HoldTerms{.roles = {"head"}, .escalate_to = {}}));
  claims.gates[0].action = GateAction::kAbort;
  const Standing aborted = standing(chain_of(claims), kB, call_of("ci", "deploy"), kAllDone, kNow);
  EXPECT_FALSE(aborted.allowed);
  EXPECT_EQ(reason_of(aborted), "gate_abort");
}

TEST(AcpStanding, EachTriggerFiresWhereItSays) {
  const auto small = json::parse(R"({"amount":5})")->value;
  const auto large = json::parse(R"({"amount":5.01})")->value;
  const auto text = json::parse(R"({"amount":"5"})")->value;
  const auto with = [&](Trigger trigger, const char* agent, const json::Value* arguments,
                        const DoneNodes& done) {
    Claims claims = sample_claims();
    claims.gates[0].trigger = std::move(trigger);
    return ask(claims, agent,
               agent == std::string(kA) ? call_of("s", "plan", arguments)
                                        : call_of("ci", "deploy", arguments),
               done);
  };
  const Trigger amount{.type = TriggerType::kThreshold, .value = "/amount", .above = "5"};
  EXPECT_EQ(with(amount, kA, &small, kAllDone), "allowed");
  EXPECT_EQ(with(amount, kA, &large, kAllDone), "gate_pause");
  EXPECT_EQ(with(amount, kA, &text, kAllDone), "gate_pause");  // doubt
  EXPECT_EQ(with(amount, kA, nullptr, kAllDone), "allowed");
  const Trigger node{.type = TriggerType::kNode, .value = "n2"};
  EXPECT_EQ(with(node, kA, nullptr, kAllDone), "allowed");
  EXPECT_EQ(with(node, kB, nullptr, kAllDone), "gate_pause");
  const Trigger depth{.type = TriggerType::kDepth, .depth = 1};
  EXPECT_EQ(with(depth, kA, nullptr, kAllDone), "allowed");
  EXPECT_EQ(with(depth, kB, nullptr, kAllDone), "gate_pause");
  const Trigger error{.type = TriggerType::kError};
  EXPECT_EQ(with(error, kA, nullptr, kAllDone), "allowed");
  EXPECT_EQ(with(error, kA, nullptr,
                 [](const Uuid&, std::string_view id) {
                   return id == "n2" ? NodeState::kFailed : NodeState::kOpen;
                 }),
            "gate_pause");
}

TEST(AcpStanding, TheMostSevereGateWins) {
  Claims claims = sample_claims();
  Gate second = claims.gates[0];
  second.id = "g2";
  second.required_role = "security";
  claims.gates.push_back(second);
  const rules::Facts deploy = call_of("ci", "deploy");
  EXPECT_EQ(ask(claims, kB, deploy), "gates_disagree");
  claims.gates[1].action = GateAction::kEscalate;
  EXPECT_EQ(ask(claims, kB, deploy), "gate_escalate");
  claims.gates[0].action = GateAction::kAbort;
  EXPECT_EQ(ask(claims, kB, deploy), "gate_abort");
  claims = sample_claims();
  second.required_role = claims.gates[0].required_role;
  second.timeout_s = 5;
  second.escalate_to = {"other"};
  claims.gates.push_back(second);
  const Standing both = standing(chain_of(claims), kB, deploy, kAllDone, kNow);
  ASSERT_TRUE(both.allowed && both.hold);
  EXPECT_EQ(*both.hold,
            (HoldTerms{.roles = {"release-manager"}, .within_s = 5, .escalate_to = {}}));
}

TEST(AcpStanding, AGateOfADelegateReplacesNone) {
  const std::string first = signed_by(kIssuer, sample_claims());
  const Token parent = *read(*jose::decode(first));
  const auto with = [&](GateAction action, const std::string& role) {
    Gate own = sample_claims().gates[0];
    own.id = "own";
    own.action = action;
    own.required_role = role;
    own.escalate_to = {role};
    const Claims child = *attenuate(parent, {.sub = kB, .gates = {own}}, id_of(2), kNow);
    const auto chain =
        verify_chain(std::vector{first, signed_by(kA, child)}, sample_keys(), kGateway, kNow);
    EXPECT_TRUE(chain) << chain.error().message;
    return reason_of(standing(*chain, kB, call_of("ci", "deploy"), kAllDone, kNow));
  };
  EXPECT_EQ(with(GateAction::kEscalate, "friend"), "gates_disagree");
  EXPECT_EQ(with(GateAction::kPause, "friend"), "gates_disagree");
  EXPECT_EQ(with(GateAction::kPause, "release-manager"), "gate_pause");
  EXPECT_EQ(with(GateAction::kAbort, "friend"), "gate_abort");
}

TEST(AcpStanding, AmongNodesThatFitOneWithoutAHoldDecides) {
  Claims claims = sample_claims();
  claims.nodes.push_back({.id = "n3", .agent = kB, .act = "ci/deploy"});
  claims.gates[0].trigger = {.type = TriggerType::kNode, .value = "n2"};
  const Standing free = standing(chain_of(claims), kB, call_of("ci", "deploy"), kAllDone, kNow);
  EXPECT_EQ(reason_of(free), "allowed");
  EXPECT_EQ(free.node, "n3");
  claims.nodes[2].constraints = Constraints{.not_after = kNow};
  const Standing held = standing(chain_of(claims), kB, call_of("ci", "deploy"), kAllDone, kNow);
  EXPECT_EQ(reason_of(held), "gate_pause");
  EXPECT_EQ(held.node, "n2");
}

TEST(AcpStanding, LimitsOfAllTokensAreTold) {
  Claims claims = sample_claims();
  claims.nodes[0].constraints = Constraints{};
  claims.nodes[0].constraints->resource_limits = {{"calls", "count", "2"}};
  EXPECT_EQ(limits_of(chain_of(claims), "n1").size(), 2u);
  EXPECT_EQ(limits_of(chain_of(claims), "n2").size(), 1u);
}

}  // namespace
}  // namespace pawl::acp
