// Holds over random rules and facts: what adding them may change, and what could_hold promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "foundation/rules/rules.h"
#include "tests/foundation/rules/random_rules.h"

namespace pawl::rules {
namespace {

using namespace random_rules;

std::shared_ptr<const RuleSet> load(const std::vector<PlainRule>& rules) {
  const auto set = RuleSet::load({{"f", text_of(rules)}});
  EXPECT_TRUE(set) << set.error().message;
  return set ? *set : RuleSet::empty();
}

std::string id_of(const Decision& decision) {
  return decision.rule ? decision.rule->id : "";
}

bool is_hold(const PlainRule& rule) {
  return rule.effect == Effect::kHold;
}

TEST(HoldProperty, AddedHoldsUndoNoDenialAndInDoubtPermitNothing) {
  const unsigned seed = 1879;
  Generator random(seed);
  int denied = 0;
  int newly_held = 0;
  int permitted_by_hold = 0;
  int in_doubt = 0;
  for (int round = 0; round < 400; ++round) {
    const std::vector<PlainRule> with = random.rules();
    std::vector<PlainRule> without;
    std::remove_copy_if(with.begin(), with.end(), std::back_inserter(without), is_hold);
    const auto before = load(without);
    const auto after = load(with);
    for (int i = 0; i < 50; ++i) {
      const World w = world(random);
      const Facts facts = facts_of(w);
      const Decision old = before->decide(facts, 0);
      const Decision now = after->decide(facts, 0);
      const std::string where = "seed " + std::to_string(seed) + " round " + std::to_string(round) +
                                "." + std::to_string(i) + "\n" + text_of(with);
      const bool one_is_true = std::any_of(with.begin(), with.end(), [&](const PlainRule& rule) {
        return is_hold(rule) && !rule.observe && answer(rule.when, w, false) == kYes;
      });
      if (old.effect == Effect::kDeny && old.rule != nullptr) {
        ++denied;
        ASSERT_EQ(now.effect, Effect::kDeny) << where;
        ASSERT_EQ(id_of(now), id_of(old)) << where;
      } else if (old.effect == Effect::kAllow) {
        ASSERT_NE(now.effect, Effect::kDeny) << where;
        ASSERT_TRUE(now.effect == Effect::kHold || id_of(now) == id_of(old)) << where;
        newly_held += now.effect == Effect::kHold ? 1 : 0;
      } else {
        ASSERT_EQ(now.effect, one_is_true ? Effect::kHold : Effect::kDeny) << where;
        ASSERT_EQ(now.rule != nullptr, one_is_true) << where;
        permitted_by_hold += one_is_true ? 1 : 0;
        in_doubt += !one_is_true && std::any_of(with.begin(), with.end(), [&](const auto& rule) {
          return is_hold(rule) && !rule.observe && answer(rule.when, w, true) != kNo;
        });
      }
    }
  }
  EXPECT_GT(denied, 1000);
  EXPECT_GT(newly_held, 1000);
  EXPECT_GT(permitted_by_hold, 500);
  EXPECT_GT(in_doubt, 100);
}

// All arguments that these rules can tell apart.
std::vector<World> with_all_arguments(World base) {
  std::vector<std::string> words = {""};  // absent
  for (const char a : {'a', 'b', 'c'}) {
    for (const char b : {'x', 'y', 'z'}) {
      words.push_back({a, b});
    }
  }
  base.has_arguments = false;
  std::vector<World> out = {base};
  base.has_arguments = true;
  for (const std::string& p : words) {
    for (const std::string& q : words) {
      json::Object arguments;
      if (!p.empty()) {
        arguments["p"] = p;
      }
      if (!q.empty()) {
        arguments["q"] = q;
      }
      base.arguments = std::move(arguments);
      out.push_back(base);
    }
  }
  return out;
}

TEST(HoldProperty, WhatIsHeldForSomeArgumentsCouldBeHeld) {
  const unsigned seed = 1905;
  Generator random(seed);
  int could = 0;
  int could_not = 0;
  for (int round = 0; round < 150; ++round) {
    const std::vector<PlainRule> plain = random.rules();
    const auto set = load(plain);
    for (int i = 0; i < 5; ++i) {
      const World base = world(random);
      const std::vector<World> worlds = with_all_arguments(base);
      const auto decided = [&](Effect effect) {
        return std::any_of(worlds.begin(), worlds.end(), [&](const World& one) {
          return set->decide(facts_of(one), 0).effect == effect;
        });
      };
      const Facts facts = facts_of(base);
      const bool held = decided(Effect::kHold);
      const std::string where = "seed " + std::to_string(seed) + " round " + std::to_string(round) +
                                "." + std::to_string(i) + "\n" + text_of(plain);
      ASSERT_TRUE(!held || set->could_hold(facts, 0)) << where;
      ASSERT_TRUE(!set->could_hold(facts, 0) || set->could_permit(facts, 0)) << where;
      ASSERT_TRUE(!(held || decided(Effect::kAllow)) || set->could_permit(facts, 0)) << where;
      ++(set->could_hold(facts, 0) ? could : could_not);
    }
  }
  EXPECT_GT(could, 50);
  EXPECT_GT(could_not, 50);
}

// Where no rule asks for arguments nothing is left open, and the answers are one.
TEST(HoldProperty, WithoutArgumentsCouldHoldIsTheDecision) {
  const unsigned seed = 1933;
  Generator random(seed, true);
  int held = 0;
  for (int round = 0; round < 400; ++round) {
    const std::vector<PlainRule> plain = random.rules();
    const auto set = load(plain);
    for (int i = 0; i < 30; ++i) {
      const World w = world(random);
      const Facts facts = facts_of(w);
      const Effect effect = set->decide(facts, 0).effect;
      const std::string where = "seed " + std::to_string(seed) + " round " + std::to_string(round) +
                                "." + std::to_string(i) + "\n" + text_of(plain);
      ASSERT_EQ(set->could_hold(facts, 0), effect == Effect::kHold) << where;
      ASSERT_EQ(set->could_permit(facts, 0), effect != Effect::kDeny) << where;
      held += effect == Effect::kHold ? 1 : 0;
    }
  }
  EXPECT_GT(held, 1000);
}

}  // namespace
}  // namespace pawl::rules
