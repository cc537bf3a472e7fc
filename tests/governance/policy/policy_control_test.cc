// What a refusal says of the nearest rule, for records.
#include "governance/policy/policy_control.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pawl
