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

}  // namespace
}  // namespace pawl
