// Time, injected: cores get `now` as a value, the shell gets a Clock, tests step a SteppedClock.
//
// Purpose:    keep the wall clock (records, expiries) and the boot clock (timers, latency) apart.
// Threading:  any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pawl {

// Wall time in microseconds since 1970-01-01T00:00:00Z, as it stands in records.
struct WallTime {
  std::int64_t us = 0;
  std::int64_t seconds() const { return us / 1'000'000; }
  auto operator<=>(const WallTime&) const = default;
};
// Boot time in microseconds, monotonic, counts through suspend; never recorded.
struct BootTime {
  std::int64_t us = 0;
  auto operator<=>(const BootTime&) const = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual BootTime boot() const = 0;
};

// The machine's clocks (CLOCK_REALTIME, CLOCK_BOOTTIME).
Clock& system_clock();

// RFC 3339 in UTC with milliseconds: 2026-03-07T09:00:00.000Z.
std::string format_rfc3339(WallTime time);

}  // namespace pawl
