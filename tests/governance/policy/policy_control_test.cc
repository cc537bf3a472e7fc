// What a refusal says of the nearest rule, for records; what the table is told of a hold.
#include "governance/policy/policy_control.h"

#include <gtest/gtest.h>

#include "tests/support/holding_rules.h"

namespace pawl {
namespace {

// What a call of `look` for mallory is told of these rules.
std::string nearest(const std::string& when, const std::string& person = "mallory") {
  RuleBoard board;
  const auto rules = rules::RuleSet::load(
      {{"r.yaml", "rules:\n  - { id: r, when: { " + when + " }, then: allow, reason: test }\n"}});
  EXPECT_TRUE(rules) << rules.error().message;
  board.publish(*rules);
  Action action;
  action.verb = "tool.call";
  action.tool = "look";
  action.caller.agent = "a";
  action.caller.on_behalf_of = person;
  const Verdict verdict = PolicyControl(board, {}).decide(action, Moment{WallTime{}});
  EXPECT_EQ(verdict.ruling, Ruling::kDeny);
  return verdict.nearest;
}

TEST(PolicyControl, TheNearestRuleSaysWhatDiffers) {
  EXPECT_EQ(nearest("tool: see"),
            R"(r (r.yaml:2) would have allowed it if tool were is "see" (found look))");
}

TEST(PolicyControl, TheNearestRuleNamesNobody) {
  EXPECT_EQ(nearest("tool: see, on_behalf_of: [alice, carol]"),
            R"(r (r.yaml:2) would have allowed it if tool were is "see" (found look); )"
            "on_behalf_of were another");
  EXPECT_EQ(nearest("on_behalf_of: alice", ""),
            "r (r.yaml:2) would have allowed it if on_behalf_of were another (found absent)");
  for (const char* when :
       {"not: { on_behalf_of: mallory }", "not: { on_behalf_of: mallory, tool: look }",
        "any: [ { on_behalf_of: alice }, { on_behalf_of: carol } ]",
        "not: { any: [ { on_behalf_of: [ mallory, alice ] }, { tool: see } ] }"}) {
    const std::string text = nearest(when);
    EXPECT_NE(text.find("were another"), std::string::npos) << text;
    for (const char* name : {"alice", "carol", "mallory"}) {
      EXPECT_EQ(text.find(name), std::string::npos) << text;
    }
  }
}

// What the table is told of a call that rule "ask" holds.
Verdict held(std::optional<HoldTerms> terms, const std::string& reason = "",
             Observed observed = {}) {
  RuleBoard board;
  board.publish(std::make_shared<HoldingRules>(std::move(terms), reason));
  Action action;
  action.verb = "tool.call";
  action.tool = "pay";
  action.caller.agent = "a";
  action.server = "s";
  return PolicyControl(board, std::move(observed)).decide(action, Moment{WallTime{}});
}

TEST(PolicyControl, AHoldSaysWhichRuleAndOnWhatTerms) {
  HoldTerms terms = approved_by("approver", 2);
  terms.uses = 3;
  terms.escalate_to = {"treasurer"};
  const Verdict verdict = held(terms, "it costs money");
  EXPECT_EQ(verdict.ruling, Ruling::kHold);
  ASSERT_NE(verdict.hold, nullptr);
  EXPECT_EQ(*verdict.hold, terms);  // though the board and its rules are gone
  EXPECT_EQ(verdict.rule, "ask");
  EXPECT_EQ(verdict.where, "rules.yaml:3");
  EXPECT_EQ(verdict.reason, "held for approval by rule \"ask\" (it costs money)");
  EXPECT_EQ(held(terms).reason, "held for approval by rule \"ask\"");
  EXPECT_EQ(verdict.atoms, std::vector<std::uint32_t>{7});
}

TEST(PolicyControl, AHoldThatNobodyMayEndIsADenial) {
  for (const std::optional<HoldTerms>& terms :
       {std::optional(HoldTerms{}), std::optional<HoldTerms>()}) {
    const Verdict verdict = held(terms);
    EXPECT_EQ(verdict.ruling, Ruling::kDeny);
    EXPECT_EQ(verdict.code, Code::kDenied);
    EXPECT_EQ(verdict.hold, nullptr);
    EXPECT_EQ(verdict.rule, "ask");
    EXPECT_EQ(verdict.reason,
              "rule \"ask\" holds it for approval and names no role, so nobody may approve it");
  }
}

TEST(PolicyControl, WhereAnAgentIsOnlyObservedAHoldIsOnlyRecorded) {
  const auto observed = [](const std::string& agent, const std::string&) { return agent == "a"; };
  const Verdict verdict = held(approved_by("approver"), "", observed);
  EXPECT_EQ(verdict.ruling, Ruling::kAllow);
  EXPECT_EQ(verdict.would, "hold ask");
  EXPECT_EQ(verdict.hold, nullptr);
}

// What a call of `look` gets of these rules; `observed`: its server only observes.
Verdict verdict_of(const std::string& rules, bool observed = false) {
  RuleBoard board;
  const auto set = rules::RuleSet::load({{"r.yaml", "rules:\n" + rules}});
  EXPECT_TRUE(set) << set.error().message;
  board.publish(*set);
  Action action;
  action.verb = "tool.call";
  action.tool = "look";
  action.server = "s";
  const PolicyControl control(board,
                              [&](const std::string&, const std::string&) { return observed; });
  return control.decide(action, Moment{WallTime{}});
}

TEST(PolicyControl, AHoldOfARuleFileAsksOnItsTerms) {
  const std::string allow = "  - { id: a, when: { tool: look }, then: allow }\n";
  const std::string hold = "  - { id: h, when: { tool: look }, then: { hold: { of: 2 } } }\n";
  for (const std::string& rules : {hold, allow + hold}) {
    const Verdict verdict = verdict_of(rules);
    EXPECT_EQ(verdict.ruling, Ruling::kHold) << rules;
    ASSERT_NE(verdict.hold, nullptr) << rules;
    EXPECT_EQ(*verdict.hold, approved_by("approver", 2)) << rules;
    EXPECT_EQ(verdict.rule, "h") << rules;
    EXPECT_TRUE(verdict.where.starts_with("r.yaml:")) << verdict.where;
  }
  const Verdict nobody =
      verdict_of("  - { id: h, when: { tool: look }, then: { hold: { roles: [] } } }\n");
  EXPECT_EQ(nobody.ruling, Ruling::kDeny);
  EXPECT_EQ(nobody.hold, nullptr);
}

TEST(PolicyControl, AHoldThatObservesIsToldAndPassedOver) {
  const std::string allow = "  - { id: a, when: { tool: look }, then: allow }\n";
  const std::string hold = "  - { id: h, when: { tool: look }, then: hold";
  const Verdict by_rule = verdict_of(allow + hold + ", mode: observe }\n");
  EXPECT_EQ(by_rule.ruling, Ruling::kAllow);
  EXPECT_EQ(by_rule.would, "hold h");
  const Verdict by_server = verdict_of(hold + " }\n", true);
  EXPECT_EQ(by_server.ruling, Ruling::kAllow);
  EXPECT_EQ(by_server.would, "hold h");
  const Verdict by_default = verdict_of("  - { id: a, when: { tool: x }, then: allow }\n", true);
  EXPECT_EQ(by_default.would, "deny default");
}

TEST(PolicyControl, WhatMayBeHeldIsListed) {
  RuleBoard board;
  const auto set = rules::RuleSet::load({{"r.yaml", R"(
rules:
  - { id: h, when: { server: s, verb: tool.call, tool: held, arguments: { n: 1 } }, then: hold }
  - { id: d, when: { tool: denied }, then: deny, reason: r }
  - { id: also, when: { server: s, verb: tool.call, tool: denied }, then: hold }
)"}});
  ASSERT_TRUE(set) << set.error().message;
  board.publish(*set);
  const PolicyControl control(board, {});
  const auto may_use = [&](std::string_view verb, std::string_view name) {
    return control.may_use({}, "s", verb, name, Moment{WallTime{}});
  };
  EXPECT_TRUE(may_use("tool.call", "held"));
  EXPECT_FALSE(may_use("tool.call", "denied"));
  EXPECT_FALSE(may_use("tool.call", "other"));
  EXPECT_TRUE(may_use("tool.list", ""));
  EXPECT_FALSE(may_use("prompt.list", ""));
}

TEST(PolicyControl, TheNearestMayBeAHold) {
  const Verdict verdict = verdict_of("  - { id: h, when: { tool: see }, then: hold }\n");
  EXPECT_EQ(verdict.nearest,
            "h (r.yaml:2) would have held it for approval if tool were is \"see\" "
            "(found look)");
}

}  // namespace
}  // namespace pawl
