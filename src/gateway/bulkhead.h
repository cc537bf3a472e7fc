// Slots for open calls: a limit for each agent and one for all, with fair turns.
//
// Purpose:    the pure core of admission: who may have a call open now, who waits, who is refused.
// Threading:  the I/O thread.
// Rule:       an agent over its own limit is refused (shed first); under it, when all slots are
//             taken, it waits in its own queue, and freed slots go round the agents in turn.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace pawl {

struct BulkheadLimits {
  std::size_t open_total = 4096;
  std::size_t open_per_agent = 256;  // open calls and waiting ones together
};

class Bulkhead {
 public:
  enum class Grant { kGranted, kWaiting, kRefused };
  explicit Bulkhead(BulkheadLimits limits) : limits_(limits) {}

  Grant acquire(const std::string& agent, std::uint64_t ticket);
  // Gives the slot back; the ticket that gets it, if one waits.
  std::optional<std::uint64_t> release(const std::string& agent);
  // A waiting ticket gives up. Not an error: it was granted meanwhile.
  void forget(const std::string& agent, std::uint64_t ticket);

  std::size_t open() const { return open_; }
  std::size_t waiting() const { return waiting_; }

 private:
  struct Share {
    std::size_t open = 0;
    std::deque<std::uint64_t> queue;
  };
  void drop_if_idle(const std::string& agent);

  BulkheadLimits limits_;
  std::size_t open_ = 0;
  std::size_t waiting_ = 0;
  std::map<std::string, Share> shares_;
  std::string last_served_;  // the turn goes to the next agent in name order
};

}  // namespace pawl
