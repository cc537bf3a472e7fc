#include "infrastructure/http/unfinished_bodies.h"

#include <gtest/gtest.h>

namespace pawl::http {
namespace {

using Tickets = std::vector<UnfinishedBodies::Ticket>;

TEST(UnfinishedBodies, TheNewestOfTheLargestHolderGoes) {
  UnfinishedBodies bodies(100);
  const auto a1 = bodies.open("a");
  const auto a2 = bodies.open("a");
  const auto b1 = bodies.open("b");
  EXPECT_EQ(bodies.grow(a1, 60), Tickets{});
  EXPECT_EQ(bodies.grow(a2, 10), Tickets{});
  EXPECT_EQ(bodies.grow(b1, 30), Tickets{});
  EXPECT_EQ(bodies.grow(b1, 31), Tickets{a2});
  EXPECT_EQ(bodies.bytes(), 91u);
  EXPECT_EQ(bodies.grow(a2, 99), Tickets{}) << "it is gone";
}

TEST(UnfinishedBodies, WhoGrowsMayGoItself) {
  UnfinishedBodies bodies(100);
  const auto small = bodies.open("small");
  bodies.grow(small, 50);
  const auto greedy = bodies.open("greedy");
  EXPECT_EQ(bodies.grow(greedy, 51), Tickets{greedy});
  EXPECT_EQ(bodies.bytes(), 50u);
}

TEST(UnfinishedBodies, OneGrowthMayCostSeveral) {
  UnfinishedBodies bodies(10);
  Tickets small;
  for (int i = 0; i < 5; ++i) {
    small.push_back(bodies.open("a"));
    bodies.grow(small.back(), 2);
  }
  const auto other = bodies.open("b");
  EXPECT_EQ(bodies.grow(other, 5), (Tickets{small[4], small[3], small[2]}));
  bodies.close(other);
  EXPECT_EQ(bodies.bytes(), 4u);
  bodies.close(small[0]);
  bodies.close(small[1]);
  bodies.close(small[1]);
  EXPECT_EQ(bodies.bytes(), 0u);
}

}  // namespace
}  // namespace pawl::http
