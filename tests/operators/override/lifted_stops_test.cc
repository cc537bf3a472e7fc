// What is remembered of lifted stops, and what may be forgotten.
#include "operators/override/lifted_stops.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace pawl::override_ {
namespace {

constexpr std::int64_t kLiftedAt = 1'000'000;
constexpr std::int64_t kLongestLife = 330;  // 300 s, accepted 30 s before its iat

WallTime at(std::int64_t seconds) {
  return WallTime{seconds * 1'000'000};
}

std::vector<Uuid> some(std::size_t count) {
  SeededRandom random(3);
  std::vector<Uuid> out;
  while (out.size() < count) {
    out.push_back(Uuid::v7(at(kLiftedAt), random));
  }
  return out;
}

TEST(LiftedStops, FullListHasRoomWhenTheStatementsOfTheOldestArePast) {
  const std::vector<Uuid> ids = some(LiftedStops::kMost);
  LiftedStops lifted;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_TRUE(lifted.room_for(1, at(kLiftedAt)));
    lifted.add(ids[i], kLiftedAt + (i < 2 ? 0 : 100));
  }
  struct Case {
    const char* name;
    std::size_t count;
    std::int64_t now;
    bool room;
  };
  constexpr std::array kCases = {
      Case{"at once", 1, kLiftedAt, false},
      Case{"the last second of the oldest", 1, kLiftedAt + kLongestLife, false},
      Case{"after it", 1, kLiftedAt + kLongestLife + 1, true},
      Case{"both of the oldest", 2, kLiftedAt + kLongestLife + 1, true},
      Case{"one that is younger", 3, kLiftedAt + kLongestLife + 1, false},
      Case{"later", 3, kLiftedAt + kLongestLife + 101, true},
      Case{"a clock that was set back", 1, 0, false},
  };
  for (const Case& row : kCases) {
    EXPECT_EQ(lifted.room_for(row.count, at(row.now)), row.room) << row.name;
  }
}

TEST(LiftedStops, OldestIsForgottenFirstAndALiftAgainIsNoSecondOne) {
  const std::vector<Uuid> ids = some(LiftedStops::kMost + 1);
  LiftedStops lifted;
  for (const Uuid& id : ids) {
    lifted.add(id, kLiftedAt);
    lifted.add(id, kLiftedAt);
  }
  EXPECT_FALSE(lifted.contains(ids.front()));
  EXPECT_TRUE(lifted.contains(ids[1]));
  EXPECT_TRUE(lifted.contains(ids.back()));
}

TEST(LiftedStops, ReadBackFromAStateAlsoOfAnOlderVersion) {
  const std::vector<Uuid> ids = some(LiftedStops::kMost);
  LiftedStops lifted;
  for (const Uuid& id : ids) {
    lifted.add(id, kLiftedAt);
  }
  json::Object state;
  lifted.print_to(state);
  const LiftedStops same = LiftedStops::read(state);
  EXPECT_TRUE(same.contains(ids.front()) && same.contains(ids.back()));
  EXPECT_FALSE(same.room_for(1, at(kLiftedAt)));

  state.erase("lifted_at");
  const LiftedStops older = LiftedStops::read(state);
  EXPECT_TRUE(older.contains(ids.front()) && older.contains(ids.back()));
  EXPECT_TRUE(older.room_for(1, at(kLiftedAt)));
}

}  // namespace
}  // namespace pawl::override_
