// A clock that moves only when the test says so.
//
// Threading:  any thread.
// Example:    SteppedClock clock; clock.step(std::chrono::seconds(5));
#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace pawl {

class SteppedClock final : public Clock {
 public:
  // 2026-03-07T09:00:00Z, one hour after the machine started.
  static constexpr WallTime kStart{1'772'874'000'000'000};
  static constexpr BootTime kBootStart{3'600'000'000};

  explicit SteppedClock(WallTime wall = kStart, BootTime boot = kBootStart)
      : wall_us_(wall.us), boot_us_(boot.us) {}

  WallTime wall() const override { return {wall_us_}; }
  BootTime boot() const override { return {boot_us_}; }

  // Time passes.
  void step(std::chrono::microseconds by) {
    step_wall(by);
    step_boot(by);
  }
  // Somebody sets the machine's clock, also backwards.
  void step_wall(std::chrono::microseconds by) { wall_us_ += by.count(); }
  void set_wall(WallTime to) { wall_us_ = to.us; }
  // Time passes while the wall clock stands still.
  void step_boot(std::chrono::microseconds by) { boot_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> wall_us_;
  std::atomic<std::int64_t> boot_us_;
};

}  // namespace pawl
