#include "gateway/flood.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

Digest chained(std::initializer_list<std::string_view> texts) {
  Digest root{};
  for (const std::string_view text : texts) {
    root = sha256({view(root), view(sha256(text))});
  }
  return root;
}

// Whoever has what was summed up can show that it is this, in this order, and nothing else.
TEST(Flood, ASummaryHasTheRunningDigestOfWhatItStandsFor) {
  Flood flood({.records_per_second = 0, .burst = 1});
  const BootTime now{0};
  EXPECT_TRUE(flood.own_record("a", "one", now));
  EXPECT_FALSE(flood.own_record("a", "two", now));
  EXPECT_TRUE(flood.own_record("b", "one", now));
  EXPECT_FALSE(flood.own_record("a", "three", now));
  const std::vector<FloodSummary> due = flood.take_due(now, true);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].source, "a");
  EXPECT_EQ(due[0].count, 2U);
  EXPECT_EQ(due[0].root, chained({"two", "three"}));
  EXPECT_FALSE(flood.own_record("a", "four", now));
  EXPECT_EQ(flood.take_due(now, true).at(0).root, chained({"four"})) << "each begins anew";
}

}  // namespace
}  // namespace pawl
