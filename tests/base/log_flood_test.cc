#include "base/log_flood.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(LogFlood, WritesTheBurstThenCountsThenSaysHowMany) {
  LogFlood flood({.burst = 3, .lines_per_second = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(flood.pass("x", BootTime{0}).write) << i;
  }
  for (int i = 0; i < 7; ++i) {
    EXPECT_FALSE(flood.pass("x", BootTime{0}).write) << i;
  }
  const LogFlood::Decision later = flood.pass("x", BootTime{kSecond});
  EXPECT_TRUE(later.write);
  EXPECT_EQ(later.suppressed, 7u);
  EXPECT_EQ(flood.pass("x", BootTime{10 * kSecond}).suppressed, 0u) << "told once";
  EXPECT_EQ(flood.suppressed(), 7u);
}

TEST(LogFlood, OneEventHidesNoOther) {
  LogFlood flood({.burst = 1, .lines_per_second = 0});
  EXPECT_TRUE(flood.pass("a", BootTime{0}).write);
  EXPECT_FALSE(flood.pass("a", BootTime{0}).write);
  EXPECT_TRUE(flood.pass("b", BootTime{0}).write);
}

TEST(LogFlood, EventsPastTheBoundShareAnAllowance) {
  LogFlood flood({.burst = 1, .lines_per_second = 0, .max_events = 1});
  EXPECT_TRUE(flood.pass("a", BootTime{0}).write);
  EXPECT_TRUE(flood.pass("b", BootTime{0}).write);
  EXPECT_FALSE(flood.pass("c", BootTime{0}).write);
}

}  // namespace
}  // namespace pawl
