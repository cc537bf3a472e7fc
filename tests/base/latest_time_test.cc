#include "base/latest_time.h"

#include <gtest/gtest.h>

#include "tests/support/stepped_clock.h"

namespace pawl {
namespace {

TEST(LatestTime, NeverGoesBack) {
  SteppedClock machine;
  const LatestTime time(machine);
  const WallTime start = time.wall();
  EXPECT_EQ(start, machine.wall());
  machine.step_wall(-std::chrono::hours(1));
  EXPECT_EQ(time.wall(), start);
  EXPECT_EQ(time.machine_wall(), machine.wall());
  machine.step_wall(std::chrono::hours(2));
  EXPECT_EQ(time.wall(), machine.wall());
  EXPECT_GT(time.wall(), start);
}

TEST(LatestTime, GoesOnFromWhatItWasTold) {
  SteppedClock machine;
  const LatestTime time(machine);
  const WallTime recorded{machine.wall().us + 5'000'000};
  time.at_least(recorded);
  EXPECT_EQ(time.wall(), recorded) << "a restart with a clock that was set back";
  machine.step(std::chrono::seconds(4));
  EXPECT_EQ(time.wall(), recorded);
  machine.step(std::chrono::seconds(2));
  EXPECT_EQ(time.wall(), machine.wall());
  EXPECT_EQ(time.boot(), machine.boot()) << "timers do not care";
}

}  // namespace
}  // namespace pawl
