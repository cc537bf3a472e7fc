// Calls a second over the last minute, from totals that are read once a second.
// Threading: the I/O thread. Soft state: a restart begins anew.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "base/clock.h"

namespace pawl {

class CallRate {
 public:
  static constexpr std::int64_t kWindow_us = 60'000'000;

  void note(std::uint64_t total, BootTime now) {
    samples_.emplace_back(now, total);
    while (samples_.size() > 2 && now.us - samples_.front().first.us > kWindow_us) {
      samples_.pop_front();
    }
  }
  double per_second(std::uint64_t total, BootTime now) const {
    if (samples_.empty() || now.us <= samples_.front().first.us) {
      return 0;
    }
    return static_cast<double>(total - samples_.front().second) * 1e6 /
           static_cast<double>(now.us - samples_.front().first.us);
  }

 private:
  std::deque<std::pair<BootTime, std::uint64_t>> samples_;
};

}  // namespace pawl
