// How often a limit was reached, counted beside the limit itself.
//
// Purpose:    no limit without a stat: one line where it is defined, one where it bites; what shows
//             them (metrics) finds them all by itself.
// Threading:  reached() and visit() from any thread. Objects are made at start-up, before threads,
//             have static storage, and are never destroyed before the program's end.
// Rule:       the name is the limit's own, as in configuration and docs/operations/metrics.md.
//
// Example:
//   LimitStat max_sessions("sessions_per_agent");      // at namespace scope, beside the limit
//   if (mine >= limits_.max_per_agent) { max_sessions.reached(); return fail(...); }
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

namespace pawl {

class LimitStat {
 public:
  explicit LimitStat(std::string_view limit);
  LimitStat(const LimitStat&) = delete;
  LimitStat& operator=(const LimitStat&) = delete;

  void reached() { count_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  // Every limit of the program; two of the same name are two visits, to be added up.
  static void visit(
      const std::function<void(std::string_view limit, std::uint64_t count)>& visitor);

 private:
  const std::string_view limit_;
  std::atomic<std::uint64_t> count_{0};
  const LimitStat* next_ = nullptr;
};

}  // namespace pawl
