#include "infrastructure/identity/replay_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pawl::identity {
namespace {

using Answer = ReplayMemory::Answer;

Digest id(int number) {
  return sha256("proof " + std::to_string(number));
}

TEST(ReplayMemory, AnIdIsFreshOnceUntilItEnds) {
  ReplayMemory memory(8);
  EXPECT_EQ(memory.look("a", id(1), 100), Answer::kFresh);
  EXPECT_EQ(memory.size(), 0U);  // a look keeps nothing
  EXPECT_EQ(memory.spend("a", id(1), 110, 100), Answer::kFresh);
  EXPECT_EQ(memory.look("a", id(1), 100), Answer::kSeen);
  EXPECT_EQ(memory.spend("a", id(1), 110, 110), Answer::kSeen);
  EXPECT_EQ(memory.spend("b", id(1), 110, 110), Answer::kSeen);  // an id is nobody's
  EXPECT_EQ(memory.spend("a", id(1), 130, 111), Answer::kFresh);
  EXPECT_EQ(memory.size(), 1U);
}

// One that has already ended is refused before it comes here; if not, it counts for this second.
TEST(ReplayMemory, WhatHasEndedIsStillFreshOnlyOnce) {
  ReplayMemory memory(8);
  EXPECT_EQ(memory.spend("a", id(1), 50, 100), Answer::kFresh);
  EXPECT_EQ(memory.spend("a", id(1), 50, 100), Answer::kSeen);
}

TEST(ReplayMemory, OneHolderTakesHalfAndWhoComesLateFindsRoom) {
  ReplayMemory memory(64);
  int next = 0;
  while (memory.spend("greedy", id(next), 1000, 1) == Answer::kFresh) {
    ++next;
  }
  EXPECT_EQ(next, 32);
  EXPECT_EQ(memory.spend("greedy", id(next), 1000, 1), Answer::kShareFull);
  for (const char* holder : {"b", "c", "d", "e"}) {
    EXPECT_EQ(memory.spend(holder, id(++next), 1000, 1), Answer::kFresh) << holder;
  }
  EXPECT_EQ(memory.spend("greedy", id(++next), 2000, 1001), Answer::kFresh);  // all have ended
  EXPECT_EQ(memory.size(), 1U);
}

TEST(ReplayMemory, FullIsARefusalAndForgetsNothing) {
  ReplayMemory memory(4);
  EXPECT_EQ(memory.spend("a", id(1), 1000, 1), Answer::kFresh);
  EXPECT_EQ(memory.spend("b", id(2), 1000, 1), Answer::kFresh);
  EXPECT_EQ(memory.spend("c", id(3), 1000, 1), Answer::kFresh);
  EXPECT_EQ(memory.spend("d", id(4), 1000, 1), Answer::kFresh);
  EXPECT_EQ(memory.spend("e", id(5), 1000, 1), Answer::kFull);
  for (int number = 1; number <= 4; ++number) {
    EXPECT_EQ(memory.spend("e", id(number), 1000, 1), Answer::kSeen) << number;
  }
}

// Against the plain words: whatever is in its time is fresh once, never over the places, and
// whoever has nothing here is refused only when nothing is free.
TEST(ReplayMemory, HoldsForAnySequence) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    const std::size_t places = 1 + random() % 40;
    ReplayMemory memory(places);
    std::map<int, std::pair<std::string, std::int64_t>> known;  // id -> holder, end
    std::int64_t now = 1000;
    for (int step = 0; step < 2000; ++step) {
      now += random() % 4 == 0 ? random() % 5 : 0;
      std::erase_if(known, [&](const auto& one) { return one.second.second < now; });
      const int number = static_cast<int>(random() % 60);
      const std::string holder(1, static_cast<char>('a' + random() % 5));
      const std::int64_t until = now + static_cast<std::int64_t>(random() % 20);
      const auto held = std::count_if(known.begin(), known.end(),
                                      [&](const auto& one) { return one.second.first == holder; });
      const std::size_t free = places - known.size();
      const Answer expected = known.contains(number)                   ? Answer::kSeen
                              : free == 0                              ? Answer::kFull
                              : static_cast<std::size_t>(held) >= free ? Answer::kShareFull
                                                                       : Answer::kFresh;
      ASSERT_EQ(memory.look(holder, id(number), now), expected) << step;
      ASSERT_EQ(memory.spend(holder, id(number), until, now), expected) << step;
      if (expected == Answer::kFresh) {
        known[number] = {holder, until};
      }
      ASSERT_EQ(memory.size(), known.size());
      ASSERT_LE(memory.size(), places);
    }
  }
}

}  // namespace
}  // namespace pawl::identity
