// A flood of one event becomes a few lines and a count.
//
// Purpose:    the pure core of rate limiting for logs: each event has its own allowance, so that
//             one that somebody outside can cause at will hides no other.
// Threading:  none of its own (base/log.cc holds a lock).
// Not errors: an event never seen before: it may write.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace pawl {

struct LogFloodLimits {
  double burst = 50;  // lines of one event at once
  double lines_per_second = 5;
  std::size_t max_events = 256;  // events are named in the code; past it they share an allowance
};

class LogFlood {
 public:
  explicit LogFlood(LogFloodLimits limits = {}) : limits_(limits) {}

  struct Decision {
    bool write = false;
    std::uint64_t suppressed = 0;  // lines of this event that were left out before this one
  };
  Decision pass(std::string_view event, BootTime now) {
    const bool known = buckets_.contains(event) || buckets_.size() < limits_.max_events;
    auto [place, fresh] = buckets_.try_emplace(std::string(known ? event : ""));
    Bucket& bucket = place->second;
    const double seconds = fresh ? 0 : static_cast<double>(now.us - bucket.filled.us) / 1e6;
    bucket.tokens =
        fresh ? limits_.burst
              : std::min(limits_.burst, bucket.tokens + seconds * limits_.lines_per_second);
    bucket.filled = now;
    if (bucket.tokens < 1) {
      ++bucket.suppressed;
      ++suppressed_;
      return {};
    }
    bucket.tokens -= 1;
    return {true, std::exchange(bucket.suppressed, 0)};
  }
  std::uint64_t suppressed() const { return suppressed_; }  // since the start

 private:
  struct Bucket {
    double tokens = 0;
    BootTime filled;
    std::uint64_t suppressed = 0;
  };
  LogFloodLimits limits_;
  std::uint64_t suppressed_ = 0;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace pawl
