#include "gateway/held_calls.h"

#include <algorithm>
#include <utility>

namespace pawl {

bool HeldCalls::has_room(const Caller& caller) const {
  const auto at = by_agent_.find(caller.agent);
  const Share share = at != by_agent_.end() ? at->second : Share{};
  return share.calls < limits_.calls_of_an_agent &&
         share.bytes + caller.bytes <= limits_.bytes_of_an_agent() &&
         bytes_ + caller.bytes <= limits_.bytes;
}

bool HeldCalls::wait(std::uint64_t ticket, const Caller& caller, const Uuid& approval, Wake wake) {
  leave(ticket);
  if (!has_room(caller)) {
    return false;
  }
  Share& share = by_agent_[caller.agent];
  ++share.calls;
  share.bytes += caller.bytes;
  bytes_ += caller.bytes;
  waiting_.emplace(ticket, Waiting{caller, approval, std::move(wake)});
  return true;
}

void HeldCalls::leave(std::uint64_t ticket) {
  const auto at = waiting_.find(ticket);
  if (at == waiting_.end()) {
    return;
  }
  const Caller& caller = at->second.caller;
  const auto share = by_agent_.find(caller.agent);
  share->second.bytes -= caller.bytes;
  bytes_ -= caller.bytes;
  if (--share->second.calls == 0) {
    by_agent_.erase(share);
  }
  waiting_.erase(at);
}

std::size_t HeldCalls::waiting_for(const Uuid& approval) const {
  return static_cast<std::size_t>(
      std::count_if(waiting_.begin(), waiting_.end(),
                    [&](const auto& one) { return one.second.approval == approval; }));
}

std::vector<HeldCalls::Wake> HeldCalls::take(const Uuid& approval) {
  std::vector<Wake> out;
  std::vector<std::uint64_t> tickets;
  for (auto at = waiting_.rbegin(); at != waiting_.rend(); ++at) {
    if (at->second.approval == approval) {
      out.push_back(std::move(at->second.wake));
      tickets.push_back(at->first);
    }
  }
  for (const std::uint64_t ticket : tickets) {
    leave(ticket);
  }
  return out;
}

}  // namespace pawl
