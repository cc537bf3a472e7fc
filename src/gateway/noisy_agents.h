// Which agents were shed or flooded lately: for people, never for a decision.
//
// Threading:  the I/O thread.
// Soft state: bounded; the agents longest quiet leave first; gone after a restart.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"

namespace pawl {

class NoisyAgents {
 public:
  struct Noise {
    std::uint64_t shed = 0;     // calls refused by the limit on open calls
    std::uint64_t flooded = 0;  // refusals that share a summary
    BootTime last;
  };
  static constexpr std::size_t kMaxAgents = 64;
  static constexpr std::int64_t kLately_us = 600'000'000;  // ten minutes

  void shed(const std::string& agent, BootTime now) { ++at(agent, now).shed; }
  void flooded(const std::string& agent, std::uint64_t count, BootTime now) {
    at(agent, now).flooded += count;
  }
  // Those of the last ten minutes; older ones are forgotten.
  const std::map<std::string, Noise>& lately(BootTime now) {
    std::erase_if(agents_,
                  [&](const auto& entry) { return now.us - entry.second.last.us > kLately_us; });
    return agents_;
  }

 private:
  Noise& at(const std::string& agent, BootTime now) {
    if (agents_.size() >= kMaxAgents && !agents_.contains(agent)) {
      auto quietest = agents_.begin();
      for (auto entry = agents_.begin(); entry != agents_.end(); ++entry) {
        quietest = entry->second.last < quietest->second.last ? entry : quietest;
      }
      agents_.erase(quietest);
    }
    Noise& noise = agents_[agent];
    noise.last = now;
    return noise;
  }

  std::map<std::string, Noise> agents_;
};

}  // namespace pawl
