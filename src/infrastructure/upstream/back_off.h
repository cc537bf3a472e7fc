// When a server that died may be started again.
//
// Threading:  a plain value; time is given.
// Example:    if (auto wait = back_off.wait(now); wait.count() > 0) { refuse until then }
#pragma once

#include <algorithm>
#include <chrono>

namespace pawl::mcp {

struct BackOffOptions {
  std::chrono::milliseconds first{250};
  std::chrono::milliseconds most{30'000};
  std::chrono::milliseconds reset_after{60'000};  // a life this long forgets earlier deaths
};

class BackOff {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit BackOff(const BackOffOptions& options) : options_(options), next_(options.first) {}

  void started(Time now) { started_ = now; }
  // It died, or could not be started: the next try waits, twice as long as the last time.
  void ended(Time now) {
    if (started_ != Time() && now - started_ >= options_.reset_after) {
      next_ = options_.first;
    }
    started_ = Time();
    until_ = now + next_;
    next_ = std::min(next_ * 2, options_.most);
  }
  // Zero: it may be tried.
  std::chrono::milliseconds wait(Time now) const {
    return now >= until_ ? std::chrono::milliseconds(0)
                         : std::chrono::ceil<std::chrono::milliseconds>(until_ - now);
  }

 private:
  BackOffOptions options_;
  std::chrono::milliseconds next_;
  Time started_;
  Time until_;
};

}  // namespace pawl::mcp
