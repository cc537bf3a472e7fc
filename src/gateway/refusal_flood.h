// A flood of refusals from one agent becomes one record with a count and a root.
//
// Purpose:    the pure core: which refusal gets a record of its own and which is summed up.
// Threading:  the I/O thread.
// Soft state: lost on restart; starts by giving every agent its full burst of own records.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "foundation/crypto/sha256.h"

namespace pawl {

struct FloodLimits {
  double records_per_second = 20;
  double burst = 100;
  std::int64_t summary_every_us = 5'000'000;
  std::size_t max_agents = 10'000;
};

struct FloodSummary {
  std::string agent;
  std::uint64_t count = 0;
  Digest root{};  // chain: SHA-256(previous root, one refusal's digest), from 32 zero bytes
  BootTime first;
};

class RefusalFlood {
 public:
  explicit RefusalFlood(FloodLimits limits) : limits_(limits) {}
  // True: record this refusal by itself. False: it was added to the agent's summary.
  bool own_record(const std::string& agent, std::string_view refusal, BootTime now);
  // Summaries that are due; `all`: every one (shutdown).
  std::vector<FloodSummary> take_due(BootTime now, bool all);

 private:
  struct Bucket {
    double tokens = 0;
    BootTime filled;
    FloodSummary summary;
  };
  FloodLimits limits_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace pawl
