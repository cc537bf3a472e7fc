#include "foundation/ledger/space_watch.h"

#include <utility>

#include "foundation/ledger/frame.h"

namespace pawl::ledger {
namespace {

constexpr std::int64_t kLookEveryUs = 100'000;
constexpr std::uint64_t kPlenty = std::uint64_t{1} << 30;  // more than is written in between
// For one outcome: twice the largest frame and its checkpoint, since a segment may end before it
// and stay unused.
constexpr std::uint64_t kOutcomeRoom = 2 * (frame_size(kMaxFrameBody) + 4096);

}  // namespace

SpaceWatch::SpaceWatch(Files& files, std::string folder, Clock& clock, std::uint64_t reserve_bytes)
    : files_(files), folder_(std::move(folder)), clock_(clock), reserve_(reserve_bytes) {}

void SpaceWatch::look(std::size_t open_intents) {
  const BootTime now = clock_.boot();
  kept_ = reserve_ + open_intents * kOutcomeRoom;
  if (looked_ && now.us - looked_->us < kLookEveryUs && free_ > kept_ + kPlenty) {
    return;
  }
  looked_ = now;
  free_ = files_.free_bytes(folder_).value_or(0);
  low_ = free_ < kept_ + kOutcomeRoom;
}

std::size_t SpaceWatch::affordable_intents() const {
  return free_ < kept_ ? 0 : (free_ - kept_) / kOutcomeRoom;
}

std::string SpaceWatch::why_low() const {
  return "the disk of the ledger is nearly full (" + std::to_string(free_ >> 20) + " MiB free, " +
         std::to_string(kept_ >> 20) + " MiB are kept for what was begun)";
}

}  // namespace pawl::ledger
