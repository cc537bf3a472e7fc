#include "foundation/rules/possible_rulings.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/foundation/rules/small_world.h"

namespace pawl::rules {
namespace {

using small_world::Generator;
using small_world::World;

ComparableSet load(const std::string& rules) {
  Result<ComparableSet> set = ComparableSet::load({{"f", "rules:\n" + rules}});
  EXPECT_TRUE(set) << set.error().message;
  return *std::move(set);
}

KnownFacts known(const World& world) {
  KnownFacts out;
  out.facts = world.facts();
  out.facts.arguments = nullptr;
  out.from = out.until = world.now;
  return out;
}

TEST(PossibleRulings, AreThoseOfSomeArguments) {
  const ComparableSet set = load(R"(
  - {id: no-x, when: {tool: drop, arguments: {x: 1}}, then: deny, reason: r}
  - {id: ask, when: {tool: pay}, then: hold}
  - {id: none, when: {tool: [close, shut]}, then: {hold: {roles: []}}}
  - {id: all, when: {tool: [drop, pay, read, close]}, then: allow}
  - {id: old, when: {tool: was}, then: allow, expires: 1970-01-02}
)");
  struct Case {
    const char* tool;
    std::int64_t from, until;
    bool allow, hold, deny;
    std::optional<std::size_t> rule;
  };
  const std::vector<Case> cases = {
      {"drop", 0, 0, true, false, true, {}},           {"pay", 0, 0, false, true, false, 1},
      {"read", 0, 0, true, false, false, 3},           {"other", 0, 0, false, false, true, {}},
      {"close", 0, 0, false, false, true, 2},          {"shut", 0, 0, false, false, true, 2},
      {"was", 0, 86'399, true, false, false, 4},       {"was", 0, 86'400, true, false, true, {}},
      {"was", 86'400, 86'400, false, false, true, {}},
  };
  for (const Case& one : cases) {
    World world;
    world.tool = one.tool;
    KnownFacts facts = known(world);
    facts.from = one.from;
    facts.until = one.until;
    const PossibleRulings said = possible_rulings(set.parts(), facts);
    EXPECT_EQ(said.allow, one.allow) << one.tool << one.until;
    EXPECT_EQ(said.hold, one.hold) << one.tool << one.until;
    EXPECT_EQ(said.deny || said.by_default, one.deny) << one.tool << one.until;
    EXPECT_EQ(said.rule, one.rule) << one.tool << one.until;
  }
}

TEST(PossibleRulings, WhatWasTrueOfArgumentsIsUsed) {
  const ComparableSet before = load(
      "  - {id: a, when: {arguments: {n: {range: {lt: 5}}}}, then: "
      "allow}\n");
  const ComparableSet now = load(
      "  - {id: a, when: {arguments: {n: {range: {lt: 9}}}}, then: "
      "allow}\n");
  World world;
  KnownFacts facts = known(world);
  EXPECT_FALSE(possible_rulings(now.parts(), facts).only());
  facts.held.push_back(&before.parts().atoms[0]);
  EXPECT_EQ(possible_rulings(now.parts(), facts).only(), Effect::kAllow);
}

TEST(PossibleRulings, ArgumentsThatAreKnownAreLookedAt) {
  const ComparableSet set = load(R"(
  - {id: no, when: {arguments: {n: 1}}, then: deny, reason: r}
  - {id: lead, when: {group: lead}, then: allow}
)");
  World world;
  world.has_arguments = true;
  world.arguments = json::parse(R"({"n":1})")->value;
  KnownFacts facts = known(world);
  facts.more_groups = true;
  EXPECT_FALSE(possible_rulings(set.parts(), facts).only());
  facts.facts = world.facts();
  EXPECT_FALSE(possible_rulings(set.parts(), facts).only())
      << "it was not said that they are known";
  facts.arguments_known = true;
  EXPECT_EQ(possible_rulings(set.parts(), facts).only(), Effect::kDeny);
  EXPECT_EQ(possible_rulings(set.parts(), facts).rule, 0u);
  world.arguments = json::parse(R"({"n":2})")->value;
  EXPECT_FALSE(possible_rulings(set.parts(), facts).only()) << "of some group";
}

TEST(PossibleRulings, WhoHasMoreGroupsMayBeInAny) {
  const ComparableSet set = load("  - {id: a, when: {group: lead}, then: allow}\n");
  World world;
  world.groups = {"support"};
  KnownFacts facts = known(world);
  EXPECT_EQ(possible_rulings(set.parts(), facts).only(), Effect::kDeny);
  facts.more_groups = true;
  EXPECT_FALSE(possible_rulings(set.parts(), facts).only());
  world.groups = {"lead"};
  facts.facts = world.facts();
  EXPECT_EQ(possible_rulings(set.parts(), facts).only(), Effect::kAllow);
}

// The verdict as the control gives it: a hold that asks nobody denies.
Effect verdict_of(const Decision& said) {
  return said.hold() != nullptr && said.hold()->roles.empty() ? Effect::kDeny : said.effect;
}

TEST(PossibleRulings, HoldWhatTheSetSaysWhateverIsHidden) {
  const std::vector<World> worlds = small_world::all_worlds();
  Generator random(777);
  std::size_t sure = 0, unsure = 0, named = 0;
  for (int round = 0; round < 300; ++round) {
    const auto set_rules = random.rules(5);
    const std::string text = small_world::yaml(set_rules);
    const Result<ComparableSet> set = ComparableSet::load({{"f", text}});
    const Result<ComparableSet> other =
        ComparableSet::load({{"f", small_world::yaml(random.rules(5))}});
    ASSERT_TRUE(set && other) << text;
    for (std::size_t n = 0; n < 200; ++n) {
      const World& world = worlds[random.below(worlds.size())];
      KnownFacts facts = known(world);
      const bool hides_groups = random.one_in(3);
      const std::vector<std::string> shown = hides_groups && !world.groups.empty()
                                                 ? std::vector{world.groups.front()}
                                             : hides_groups ? std::vector<std::string>()
                                                            : world.groups;
      facts.facts.groups = &shown;
      facts.more_groups = hides_groups;
      facts.tool_open = random.one_in(5);
      if (facts.tool_open) {
        facts.facts.tool = "";
      }
      facts.arguments_known = random.one_in(4);
      facts.facts.arguments = facts.arguments_known ? world.facts().arguments : nullptr;
      facts.from = random.one_in(3) ? 0 : world.now;
      facts.until = random.one_in(3) ? 100'000 : world.now;
      const Decision before = other->rules().decide(world.facts(), world.now);
      for (const std::uint32_t atom : before.atoms) {
        facts.held.push_back(&other->parts().atoms[atom]);
      }
      const Decision said = set->rules().decide(world.facts(), world.now);
      const PossibleRulings possible = possible_rulings(set->parts(), facts);
      ASSERT_TRUE(possible.is_possible(verdict_of(said)))
          << effect_name(said.effect) << " of tool " << world.tool << " server " << world.server
          << " verb " << world.verb << " arguments " << json::print(world.arguments) << "\n"
          << text;
      if (possible.rule) {
        ++named;
        ASSERT_EQ(said.rule, &set->rules().rules()[*possible.rule]) << text;
      }
      ++(possible.only() ? sure : unsure);
    }
  }
  std::printf("%zu sure, %zu unsure, %zu with their rule\n", sure, unsure, named);
  EXPECT_GT(sure, 15'000u);
  EXPECT_GT(unsure, 5'000u);
  EXPECT_GT(named, 5'000u);
}

}  // namespace
}  // namespace pawl::rules
