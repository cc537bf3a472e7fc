#include "base/clock.h"

#include <ctime>

#include <fmt/format.h>

namespace pawl {
namespace {

std::int64_t read_us(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return std::int64_t{ts.tv_sec} * 1'000'000 + ts.tv_nsec / 1'000;
}

class SystemClock final : public Clock {
 public:
  WallTime wall() const override { return {read_us(CLOCK_REALTIME)}; }
  BootTime boot() const override { return {read_us(CLOCK_BOOTTIME)}; }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string format_rfc3339(WallTime time) {
  const std::time_t seconds = time.us / 1'000'000;
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, time.us / 1000 % 1000);
}

}  // namespace pawl
