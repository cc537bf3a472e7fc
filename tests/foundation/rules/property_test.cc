// Random rules and facts: the index and the evaluation must say what a plain reading says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "foundation/rules/rules.h"
#include "tests/foundation/rules/random_rules.h"

namespace pawl::rules {
namespace {

using namespace random_rules;

std::string would_of(const Decision& decision) {
  return decision.would ? decision.would->id : "none";
}

TEST(Property, DecidesAsAPlainReadingDoes) {
  const unsigned seed = 4711;
  int allowed = 0;
  int held = 0;
  int denied = 0;
  int by_default = 0;
  int observed_holds = 0;
  Generator random(seed);
  for (int round = 0; round < 400; ++round) {
    const std::vector<PlainRule> plain = random.rules();
    const std::string text = text_of(plain);
    const auto set = RuleSet::load({{"f", text}});
    ASSERT_TRUE(set) << set.error().message << "\n" << text;
    for (int i = 0; i < 50; ++i) {
      const World w = world(random);
      const Facts facts = facts_of(w);
      const PlainDecision expected = decide(plain, w);
      const Decision decision = (*set)->decide(facts, 0);
      const std::string where = "seed " + std::to_string(seed) + " round " + std::to_string(round) +
                                "." + std::to_string(i) + " agent " + w.agent + " server " +
                                w.server + " tool " + w.tool + " resource " + w.resource + "\n" +
                                text;
      ASSERT_EQ(decision.rule ? decision.rule->id : "none",
                expected.rule ? expected.rule->id : "none")
          << where;
      ASSERT_EQ(decision.effect, expected.rule ? expected.rule->effect : Effect::kDeny) << where;
      ASSERT_EQ(decision.hold() != nullptr, decision.effect == Effect::kHold) << where;
      // A true hold ends the search: what only observes behind it is not told.
      if (decision.effect != Effect::kHold) {
        ASSERT_EQ(would_of(decision), expected.would ? expected.would->id : "none") << where;
      }
      observed_holds += decision.would && decision.would->effect == Effect::kHold ? 1 : 0;
      const Nearest nearest = (*set)->nearest(facts, 0);
      if (decision.effect != Effect::kDeny) {
        ASSERT_TRUE((*set)->could_permit(facts, 0)) << where;
        Facts nameless = facts;
        nameless.tool = {};
        nameless.resource = {};
        ASSERT_TRUE((*set)->could_permit_any(nameless, 0)) << where;
        ASSERT_TRUE(nearest.differences.empty()) << where;
      } else if (nearest.rule != nullptr && decision.rule == nullptr) {
        ASSERT_FALSE(nearest.differences.empty()) << where;
      }
      ++(expected.rule == nullptr                 ? by_default
         : expected.rule->effect == Effect::kDeny ? denied
         : expected.rule->effect == Effect::kHold ? held
                                                  : allowed);
    }
  }
  EXPECT_GT(allowed, 1000);
  EXPECT_GT(held, 1000);
  EXPECT_GT(denied, 1000);
  EXPECT_GT(by_default, 1000);
  EXPECT_GT(observed_holds, 300);
}

// 10 rules a tool: 6 exact, 2 with a prefix or suffix on the tool, 1 numeric, 1 RE2.
// `others`: the effect of those that do not deny.
std::string realistic(std::size_t count, const char* others) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < count; ++i) {
    const std::string tool = "tool" + std::to_string(100000 + i / 10);
    const std::string agent = "agent" + std::to_string(i % 50);
    std::string when = "agent: " + agent + ", server: s" + std::to_string(i / 10 % 20) + ", tool: ";
    switch (i % 10) {
      case 6:
        when += "\"" + tool + "*\"";
        break;
      case 7:
        when += "\"*" + std::to_string(100000 + i / 10) + "\"";
        break;
      case 8:
        when += tool + ", arguments: {n: {range: {lt: 5}}}";
        break;
      case 9:
        when += tool + ", arguments: {q: {matches: \"[a-z ]*select [a-z, ]+ from [a-z]+.*\"}}";
        break;
      default:
        when += tool;
    }
    text += "  - {id: r" + std::to_string(i) + ", when: {" + when +
            "}, then: " + (i % 4 == 0 ? "deny, reason: r" : others) + "}\n";
  }
  return text;
}

// The most rules that one of 3,000 decisions touches.
std::size_t most_touched(const RuleSet& set, std::size_t count) {
  json::Object object;
  object["n"] = 9;
  object["q"] = std::string(200, 'a');
  const json::Value arguments(std::move(object));
  std::size_t most = 0;
  for (std::size_t i = 0; i < 3'000; ++i) {
    const std::string tool = "tool" + std::to_string(100000 + i * 7 % (count / 10 + 2));
    const std::string agent = "agent" + std::to_string(i % 60);
    const std::string server = "s" + std::to_string(i % 21);
    Facts facts;
    facts.agent = agent;
    facts.server = server;
    facts.verb = "tool.call";
    facts.tool = tool;
    facts.arguments = &arguments;
    most = std::max(most, set.decide(facts, 0).rules_touched);
  }
  return most;
}

TEST(Property, TheRulesADecisionTouchesDoNotGrowWithTheSet) {
  for (const char* others : {"allow", "hold"}) {
    std::size_t most_of_all = 0;
    for (const std::size_t count : {1u, 10u, 100u, 1'000u, 10'000u}) {
      const auto set = RuleSet::load({{"f", realistic(count, others)}});
      ASSERT_TRUE(set) << set.error().message;
      const std::size_t most = most_touched(**set, count);
      most_of_all = std::max(most_of_all, most);
      std::printf("%zu rules that deny or %s: at most %zu touched\n", count, others, most);
    }
    EXPECT_LE(most_of_all, 10u) << others;
  }
}

}  // namespace
}  // namespace pawl::rules
