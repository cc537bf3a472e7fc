// A flood from one source becomes one record with a count and a root: refusals of an agent, notices
// of a server.
//
// Purpose:    the pure core: what gets a record of its own and what is summed up.
// Threading:  the I/O thread.
// Soft state: lost on restart; starts by giving every source its full burst of own records.
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
  std::size_t max_sources = 10'000;
};

struct FloodSummary {
  std::string source;
  std::uint64_t count = 0;
  Digest
      root{};  // chain: SHA-256(previous root, the digest of what was summed), from 32 zero bytes
  BootTime first;
};

class Flood {
 public:
  explicit Flood(FloodLimits limits) : limits_(limits) {}
  // True: record `what` by itself. False: it was added to the summary of its source.
  bool own_record(const std::string& source, std::string_view what, BootTime now);
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
