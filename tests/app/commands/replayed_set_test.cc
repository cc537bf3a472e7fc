// Replay of a set of rules over calls: what it calls the same, or different, is so.
#include "app/commands/replayed_set.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "foundation/records/kinds.h"
#include "tests/foundation/rules/small_world.h"

namespace pawl {
namespace {

using rules::ComparableSet;
using rules::Effect;
using rules::small_world::Generator;
using rules::small_world::World;
using Verdict = ReplayedSet::Verdict;

ComparableSet load(const std::string& text) {
  Result<ComparableSet> set = ComparableSet::load({{"f", text}});
  EXPECT_TRUE(set) << set.error().message << text;
  return *std::move(set);
}

// What a record would hold of it: no arguments, and of groups what the configuration gives.
RuledCall recorded(const ComparableSet& set, const World& world, bool hides_groups) {
  const rules::Decision said = set.rules().decide(world.facts(), world.now);
  RuledCall out;
  out.id = "id";
  out.server = world.server;
  out.verb = world.verb;
  out.tool = world.tool;
  out.groups = hides_groups ? std::vector<std::string>() : world.groups;
  out.more_groups = hides_groups;
  out.policy = set.rules().digest();
  out.rule = said.rule != nullptr ? said.rule->id : "default-deny";
  out.said = said.effect;
  out.held = said.atoms;
  out.from = out.until = world.now;
  return out;
}

TEST(ReplayedSet, OverWhatItDecidedItselfNothingDiffers) {
  const std::vector<World> worlds = rules::small_world::all_worlds();
  Generator random(31);
  for (int round = 0; round < 150; ++round) {
    const std::string text = rules::small_world::yaml(random.rules(6));
    const ComparableSet set = load(text);
    ReplayedSet replay(set, {});
    for (int n = 0; n < 200; ++n) {
      const World& world = worlds[random.below(worlds.size())];
      const RuledCall call = recorded(set, world, random.one_in(3));
      ASSERT_EQ(replay.judge(call).verdict, Verdict::kSame)
          << rules::effect_name(call.said) << " of tool " << world.tool << " server "
          << world.server << "\n"
          << text;
    }
  }
}

TEST(ReplayedSet, WhatItSaysOfAnotherSetIsSo) {
  const std::vector<World> worlds = rules::small_world::all_worlds();
  Generator random(32);
  std::size_t same = 0, differs = 0, undecidable = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<Generator::Rule> text = random.rules(5);
    const ComparableSet before = load(rules::small_world::yaml(text));
    text[random.below(text.size())] = random.rules(1).front();
    const ComparableSet after = load(rules::small_world::yaml(text));
    ReplayedSet replay(after,
                       random.one_in(2) ? std::vector{before} : std::vector<ComparableSet>());
    for (int n = 0; n < 100; ++n) {
      const World& world = worlds[random.below(worlds.size())];
      const RuledCall call = recorded(before, world, random.one_in(4));
      const Effect now = after.rules().decide(world.facts(), world.now).effect;
      switch (replay.judge(call).verdict) {
        case Verdict::kSame:
          ++same;
          ASSERT_EQ(now, call.said) << rules::small_world::yaml(text);
          break;
        case Verdict::kDiffers:
          ++differs;
          ASSERT_NE(now, call.said) << rules::small_world::yaml(text);
          break;
        case Verdict::kUndecidable:
          ++undecidable;
          break;
      }
    }
  }
  std::printf("%zu the same, %zu differ, %zu undecidable\n", same, differs, undecidable);
  EXPECT_GT(same, 5'000u);
  EXPECT_GT(differs, 500u);
  EXPECT_GT(undecidable, 1'000u);
}

TEST(ReplayedSet, AListIsAllowedWhereOneOfItsItemsIs) {
  ReplayedSet replay(load("rules:\n  - {id: a, when: {server: files, tool: read}, then: allow}\n"),
                     {});
  RuledCall call;
  call.verb = kinds::kToolList;
  call.more_groups = false;
  call.said = Effect::kAllow;
  call.server = "files";
  EXPECT_EQ(replay.judge(call).verdict, Verdict::kSame);
  call.server = "mail";
  EXPECT_EQ(replay.judge(call).verdict, Verdict::kDiffers);
  call.more_groups = true;
  EXPECT_EQ(replay.judge(call).verdict, Verdict::kUndecidable);
}

}  // namespace
}  // namespace pawl
