// A wall clock that never goes back: the latest time that this process has seen or was told of.
//
// Purpose:    expiries are judged on it (tokens, statements, open rounds), so that a clock that is
//             set back revives nothing. After a restart it goes on from the last recorded time.
// Threading:  any thread.
// Ownership:  the real clock outlives it.
// Not errors: a clock that was set ahead by mistake: until the true time has caught up, the latest
//             time stands still, and what expires then expires early.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace pawl {

class LatestTime final : public Clock {
 public:
  explicit LatestTime(const Clock& clock) : clock_(clock) {}

  WallTime wall() const override {
    at_least(clock_.wall());
    return {latest_us_.load(std::memory_order_relaxed)};
  }
  BootTime boot() const override { return clock_.boot(); }
  // As the machine has it now, also when it was set back.
  WallTime machine_wall() const { return clock_.wall(); }
  void at_least(WallTime time) const {
    std::int64_t known = latest_us_.load(std::memory_order_relaxed);
    while (known < time.us &&
           !latest_us_.compare_exchange_weak(known, time.us, std::memory_order_relaxed)) {
    }
  }

 private:
  const Clock& clock_;
  mutable std::atomic<std::int64_t> latest_us_{0};
};

}  // namespace pawl
