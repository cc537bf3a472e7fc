// How much of the ledger's disk is free, and whether another call may begin on it.
//
// Purpose:    the low-space watermark. Kept are the reserve, and room for the outcome of every open
//             intent, so that outcomes never wait unless something else fills the disk.
// Threading:  look() by the writer's thread; the rest from any thread.
// Errors:     none: a disk that does not tell is one without room.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"

namespace pawl::ledger {

class SpaceWatch {
 public:
  SpaceWatch(Files& files, std::string folder, Clock& clock, std::uint64_t reserve_bytes);

  // Looks again, unless it did so a moment ago and there was plenty.
  void look(std::size_t open_intents);
  bool is_low() const { return low_; }  // not even one more call may begin
  // How many more intents the disk has room for, with their outcomes.
  std::size_t affordable_intents() const;
  std::string why_low() const;
  std::uint64_t free_bytes() const { return free_; }
  std::uint64_t kept_bytes() const { return kept_; }

 private:
  Files& files_;
  const std::string folder_;
  Clock& clock_;
  const std::uint64_t reserve_;
  std::optional<BootTime> looked_;
  std::atomic<bool> low_ = false;
  std::atomic<std::uint64_t> free_ = 0;  // when it was last looked at
  std::atomic<std::uint64_t> kept_ = 0;
};

}  // namespace pawl::ledger
