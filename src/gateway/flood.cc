#include "gateway/flood.h"

#include <algorithm>

namespace pawl {

bool Flood::own_record(const std::string& source, std::string_view what, BootTime now) {
  // Past the bound on sources, unknown ones share a bucket: bounded memory, nothing uncounted.
  const bool known = buckets_.contains(source) || buckets_.size() < limits_.max_sources;
  const std::string key = known ? source : std::string();
  auto [place, fresh] = buckets_.try_emplace(key);
  Bucket& bucket = place->second;
  if (fresh) {
    bucket.tokens = limits_.burst;
    bucket.filled = now;
  }
  const double seconds = static_cast<double>(now.us - bucket.filled.us) / 1e6;
  bucket.tokens = std::min(limits_.burst, bucket.tokens + seconds * limits_.records_per_second);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return true;
  }
  FloodSummary& summary = bucket.summary;
  if (summary.count == 0) {
    summary.source = key.empty() ? "(many)" : key;
    summary.first = now;
  }
  ++summary.count;
  summary.root = sha256({view(summary.root), view(sha256(what))});
  return false;
}

std::vector<FloodSummary> Flood::take_due(BootTime now, bool all) {
  std::vector<FloodSummary> due;
  for (auto place = buckets_.begin(); place != buckets_.end();) {
    Bucket& bucket = place->second;
    const bool old = now.us - bucket.summary.first.us >= limits_.summary_every_us;
    if (bucket.summary.count > 0 && (all || old)) {
      due.push_back(bucket.summary);
      bucket.summary = {};
    }
    const double idle_seconds = static_cast<double>(now.us - bucket.filled.us) / 1e6;
    const bool full = bucket.tokens + idle_seconds * limits_.records_per_second >= limits_.burst;
    place = bucket.summary.count == 0 && full ? buckets_.erase(place) : std::next(place);
  }
  return due;
}

}  // namespace pawl
