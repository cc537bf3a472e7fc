// What each agent did since the daemon started: for people, never for a decision.
//
// Threading:  the I/O thread.
// Cost:       a look-up for each record.
// Soft state: at most kMost agents, the first that came; gone after a restart.
// Not errors: refusals that share a record with others count as none (gateway/flood.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "foundation/records/kinds.h"

namespace pawl {

class AgentTally {
 public:
  static constexpr std::size_t kMost = 4'096;
  struct Count {
    std::uint64_t calls = 0, refused = 0;  // records; refused ones are calls, too
    std::int64_t last_at = 0;              // seconds
  };

  // The areas of what agents and servers do, but for what is learnt later.
  static bool is_call(std::string_view kind) {
    constexpr std::array<std::string_view, 10> kAreas = {
        "tool", "resource", "prompt", "sampling",   "elicitation",
        "root", "log",      "task",   "completion", "subscription"};
    return kind != kinds::kTaskOutcome &&
           std::find(kAreas.begin(), kAreas.end(), kinds::area(kind)) != kAreas.end();
  }
  // `waits`: for people; that is no refusal.
  void note(const std::string& agent, std::string_view kind, bool waits, std::int64_t now) {
    const bool is_refusal = kind == kinds::kTaskDenied && !waits;
    refused_ += is_refusal ? 1 : 0;
    if (agent.empty() || !is_call(kind) || (counts_.size() >= kMost && !counts_.contains(agent))) {
      return;
    }
    Count& count = counts_[agent];
    ++count.calls;
    count.refused += is_refusal ? 1 : 0;
    count.last_at = now;
  }
  const std::unordered_map<std::string, Count>& all() const { return counts_; }
  std::uint64_t refused() const { return refused_; }

 private:
  std::unordered_map<std::string, Count> counts_;
  std::uint64_t refused_ = 0;
};

}  // namespace pawl
