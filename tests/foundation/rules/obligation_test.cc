// Obligations of rules: how they are read, which of them count, and what analysis makes of them.
#include "foundation/rules/obligation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "foundation/rules/narrowing.h"
#include "foundation/rules/shadowed.h"

namespace pawl::rules {
namespace {

std::string rule(const std::string& id, const std::string& when, const std::string& then) {
  return "  - {id: " + id + ", when: {" + when + "}, then: " + then + "}\n";
}
std::string obliged(const std::string& obligations) {
  return "{allow: {" + obligations + "}}";
}

Result<std::shared_ptr<const RuleSet>> load(const std::string& rules) {
  return RuleSet::load({{"f", "rules:\n" + rules}});
}

Facts of_tool(std::string_view tool, const json::Value* arguments = nullptr) {
  Facts out;
  out.tool = tool;
  out.arguments = arguments;
  return out;
}

// The ids of those whose obligations count.
std::vector<std::string> obliging(const std::string& rules, const Facts& facts) {
  const auto set = load(rules);
  EXPECT_TRUE(set) << set.error().message;
  std::vector<std::string> out;
  for (const RuleInfo* one : (*set)->decide(facts, 0).obliged) {
    out.push_back(one->id);
  }
  return out;
}

TEST(ObligationLoad, ReadsWhatIsAskedFor) {
  const auto set = load(rule("a", "tool: x",
                             R"({hold: {of: 2}, allow: {redact: [/b, /a, {matches: "k+"}],
                                 limit: {open: 1, bytes: 2, seconds: 3}}})"));
  ASSERT_TRUE(set) << set.error().message;
  const RuleInfo& info = (*set)->rules().front();
  EXPECT_EQ(info.effect, Effect::kHold);
  ASSERT_NE(info.obliges, nullptr);
  EXPECT_EQ(json::print(print_obligations(*info.obliges)),
            R"({"redact":["/a","/b",{"matches":"k+"}],"limit":{"open":1,"bytes":2,"seconds":3}})");
  EXPECT_EQ(obligations_text(*info.obliges),
            "2 places and 1 pattern are taken out of the answer; at most 1 call open at once, 2 "
            "bytes, 3 s");
}

TEST(ObligationLoad, NamesPlaceAndWhatWasExpected) {
  struct {
    const char* then;
    const char* message;
  } const cases[] = {
      {"{allow: {}}", "f:2:44: expected at least one of redact, limit"},
      {"{allow: {mask: [/a]}}", "f:2:45: unknown key \"mask\""},
      {"{allow: {redact: []}}", "f:2:53: expected a list of 1 to 64"},
      {"{allow: {redact: [a]}}", "f:2:54: expected a JSON Pointer"},
      {"{allow: {redact: [/a, /a]}}", "f:2:58: \"/a\" stands twice"},
      {"{allow: {redact: [{matches: \"(\"}]}}", "f:2:64: "},
      {"{allow: {redact: [{matches: \".*\"}]}}", "f:2:64: the pattern matches \"\""},
      {"{allow: {redact: [{glob: \"x\"}]}}", "f:2:54: expected { matches: EXPRESSION }"},
      {"{allow: {limit: {}}}", "f:2:52: expected at least one of open, bytes, seconds"},
      {"{allow: {limit: {second: 1}}}",
       "f:2:53: unknown key \"second\"; did you mean \"seconds\"?"},
      {"{allow: {limit: {open: 0}}}", "f:2:59: expected a number of calls open at once from 1"},
      {"{allow: {limit: {bytes: 1.5}}}", "f:2:60: expected a number of bytes from 1"},
  };
  for (const auto& c : cases) {
    const auto set = load(rule("a", "tool: x", c.then));
    ASSERT_FALSE(set) << c.then;
    EXPECT_TRUE(set.error().message.starts_with(c.message))
        << c.then << ": " << set.error().message;
  }
}

TEST(Obligation, ThoseOfEveryRuleThatMayMatchCount) {
  const std::string rules =
      rule("a", "tool: x", "allow") + rule("b", "tool: x", obliged("limit: {open: 3}")) +
      rule("c", "tool: y", obliged("limit: {open: 3}")) +
      rule("d", "arguments: {p: {glob: \"/s/**\"}}", obliged("redact: [/a]")) +
      rule("e", "tool: z", "{hold: {of: 2}, allow: {redact: [/b]}}") +
      rule("f", "tool: z", obliged("redact: [/c]"));
  using Ids = std::vector<std::string>;
  const json::Value sure = json::parse(R"({"p":"/s/a"})")->value;
  const json::Value doubt = json::parse(R"({"p":"/t/../s/a"})")->value;
  const json::Value other = json::parse(R"({"p":"/t"})")->value;
  EXPECT_EQ(obliging(rules, of_tool("x")), Ids{"b"});
  EXPECT_EQ(obliging(rules, of_tool("x", &sure)), (Ids{"b", "d"}));
  EXPECT_EQ(obliging(rules, of_tool("x", &doubt)), (Ids{"b", "d"}));
  EXPECT_EQ(obliging(rules, of_tool("x", &other)), Ids{"b"});
  EXPECT_EQ(obliging(rules, of_tool("z")), (Ids{"e", "f"}));
  EXPECT_EQ(obliging(rules, of_tool("w")), Ids{});
  EXPECT_EQ(obliging(rules + "  - {id: n, when: {tool: x}, then: deny, reason: r}\n", of_tool("x")),
            Ids{});
}

TEST(Obligation, WhatATaskMayHaveHadToMeetIsFoundWithoutArguments) {
  const auto set = load(rule("a", "tool: x, arguments: {p: 1}", obliged("redact: [/a]")) +
                        rule("b", "tool: y", obliged("redact: [/b]")));
  const auto found = [&](const Facts& facts, bool any) {
    return (*set)->could_oblige(facts, any).size();
  };
  EXPECT_EQ(found(of_tool("x"), false), 1u);
  EXPECT_EQ(found(of_tool("z"), false), 0u);
  EXPECT_EQ(found({}, true), 2u);
}

TEST(Obligation, SeveralAreJoined) {
  const auto set =
      load(rule("a", "tool: x", obliged("redact: [/b], limit: {open: 3, bytes: 9}")) +
           rule("b", "tool: x", obliged("redact: [/a, /b], limit: {open: 5, seconds: 2}")));
  const Obligations all = joined_obligations((*set)->decide(of_tool("x"), 0).obliged);
  EXPECT_EQ(json::print(print_obligations(all)),
            R"({"redact":["/a","/b"],"limit":{"open":3,"bytes":9,"seconds":2}})");
}

TEST(Obligation, ChangesTheDigestAndOnlyThen) {
  const auto digest = [](const std::string& then) {
    return (*load(rule("a", "tool: x", then)))->digest();
  };
  EXPECT_NE(digest("allow"), digest(obliged("redact: [/a]")));
  EXPECT_NE(digest(obliged("redact: [/a]")), digest(obliged("redact: [/b]")));
  EXPECT_EQ(digest(obliged("redact: [/a, /b]")), digest(obliged("redact: [/b, /a]")));
}

TEST(Obligation, WhoDropsItIsNotNarrower) {
  struct {
    const char* name;
    std::string child, parent;
    bool narrower;
  } const cases[] = {
      {"kept", obliged("redact: [/a]"), obliged("redact: [/a]"), true},
      {"more", obliged("redact: [/a, /b]"), obliged("redact: [/a]"), true},
      {"from nothing", obliged("redact: [/a]"), "allow", true},
      {"dropped", "allow", obliged("redact: [/a]"), false},
      {"another", obliged("redact: [/b]"), obliged("redact: [/a]"), false},
      {"a lower limit", obliged("limit: {open: 1}"), obliged("limit: {open: 2}"), true},
      {"a higher limit", obliged("limit: {open: 3}"), obliged("limit: {open: 2}"), false},
      {"another limit", obliged("limit: {bytes: 3}"), obliged("limit: {open: 2}"), false},
      {"denied", "deny", obliged("redact: [/a]"), true},
      {"held without it", "hold", "{hold: {of: 1}, allow: {redact: [/a]}}", false},
      {"held with it", "{hold: {of: 1}, allow: {redact: [/a]}}",
       "{hold: {of: 1}, allow: {redact: [/a]}}", true},
  };
  for (const auto& c : cases) {
    const auto set = [](const std::string& then) {
      const std::string more = then == "deny" ? ", reason: r" : "";
      return *ComparableSet::load(
          {{"f", "rules:\n  - {id: a, when: {tool: x}, then: " + then + more + "}\n"}});
    };
    EXPECT_EQ(is_narrower(set(c.child), set(c.parent)) == Narrower::kYes, c.narrower) << c.name;
  }
  // What obliges may stand in another rule than what allows.
  const auto set = [](const std::string& rules) {
    return *ComparableSet::load({{"f", "rules:\n" + rules}});
  };
  const std::string parent =
      rule("all", "tool: \"**\"", "allow") + rule("r", "tool: \"x*\"", obliged("redact: [/a]"));
  EXPECT_EQ(is_narrower(set(rule("c", "tool: y", "allow")), set(parent)), Narrower::kYes);
  EXPECT_NE(is_narrower(set(rule("c", "tool: xy", "allow")), set(parent)), Narrower::kYes);
  EXPECT_EQ(is_narrower(set(rule("c", "tool: xy", obliged("redact: [/a]"))), set(parent)),
            Narrower::kYes);
}

TEST(Obligation, ARuleThatObligesIsNotShadowedByOneThatDoesNot) {
  const auto findings = [](const std::string& rules) {
    return find_shadowed(*ComparableSet::load({{"f", "rules:\n" + rules}})).found.size();
  };
  const std::string all = rule("all", "agent: \"**\"", "allow");
  const std::string same = "agent: \"**\", tool: x";
  EXPECT_EQ(findings(all + rule("b", same, "allow")), 1u);
  EXPECT_EQ(findings(all + rule("b", same, obliged("redact: [/a]"))), 0u);
  EXPECT_EQ(findings(rule("all", "agent: \"**\"", obliged("redact: [/a]")) +
                     rule("b", same, obliged("redact: [/a]"))),
            1u);
  EXPECT_EQ(findings("  - {id: n, when: {agent: \"**\"}, then: deny, reason: r}\n" +
                     rule("b", same, obliged("redact: [/a]"))),
            1u);
}

}  // namespace
}  // namespace pawl::rules
