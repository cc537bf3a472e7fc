// What the ledger's writer tells of itself: LogWriter, second part.
#include <utility>

#include "foundation/ledger/log_writer.h"

namespace pawl::ledger {

std::string LogWriter::closed_because() const {
  if (failed_) {
    return std::string(kClosed);
  }
  if (not_signing_) {
    MutexLock lock(mutex_);
    return not_signing_because_;
  }
  if (no_room_) {
    return std::string(kFull);
  }
  if (space_.is_low()) {
    return space_.why_low();
  }
  if (held_) {
    MutexLock lock(mutex_);
    return held_because_;
  }
  return {};
}

Error LogWriter::why_closed() const {
  return {Code::kEvidenceUnavailable, not_signing_ ? closed_because() : std::string(kFull)};
}

void LogWriter::hold(std::string why) {
  MutexLock lock(mutex_);
  held_ = !why.empty();
  held_because_ = std::move(why);
}

Ledger::Stats LogWriter::stats() const {
  Ledger::Stats stats;
  stats.entries = entries_;
  stats.intents = intents_;
  stats.batches = batches_;
  stats.syncs = syncs_;
  stats.bytes = bytes_;
  stats.queue = queue_.depth();
  stats.free_bytes = space_.free_bytes();
  stats.reserve_bytes = space_.kept_bytes();
  stats.refused_full = refused_full_;
  stats.failed = failed_appends_;
  stats.sync_seconds_total = static_cast<double>(sync_us_) / 1e6;
  return stats;
}

}  // namespace pawl::ledger
