// Many deadlines on one timer.
//
// Purpose:    connections move their deadline several times a request; here that is one store, and
//             the timer is only touched when the earliest deadline comes nearer.
// Threading:  the loop's own thread.
// Ownership:  a Deadlines outlives its entries.
// Accuracy:   an entry expires at its time or up to 10 ms later.
//
// Example:
//   Deadlines::Entry entry(deadlines, [this] { on_timeout(); });
//   entry.set_in(options.idle_timeout);      // replaces an earlier deadline
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "infrastructure/net/event_loop.h"

namespace pawl {

class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  class Entry {
   public:
    // `expired` may destroy the entry.
    Entry(Deadlines& owner, std::function<void()> expired);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    void set(Clock::time_point deadline);
    void set_in(std::chrono::milliseconds delay) { set(Clock::now() + delay); }
    void clear() { deadline_ = Clock::time_point::max(); }
    bool is_set() const { return deadline_ != Clock::time_point::max(); }

   private:
    friend class Deadlines;
    Deadlines& owner_;
    std::function<void()> expired_;
    Clock::time_point deadline_ = Clock::time_point::max();
    std::size_t index_;  // in owner_.entries_
  };

  explicit Deadlines(EventLoop& loop) : loop_(loop) {}

 private:
  void arm(Clock::time_point deadline);
  void fire();

  EventLoop& loop_;
  std::vector<Entry*> entries_;
  Clock::time_point armed_ = Clock::time_point::max();
  Timer timer_;
};

}  // namespace pawl
