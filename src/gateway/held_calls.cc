#include "gateway/held_calls.h"

#include <utility>

namespace pawl {

bool HeldCalls::wait(std::uint64_t ticket, const std::string& agent, const Uuid& approval,
                     Wake wake) {
  leave(ticket);
  std::size_t& of_agent = by_agent_[agent];
  if (of_agent >= most_) {
    return false;  // so it is not zero
  }
  ++of_agent;
  waiting_.emplace(ticket, Waiting{agent, approval, std::move(wake)});
  return true;
}

void HeldCalls::leave(std::uint64_t ticket) {
  const auto at = waiting_.find(ticket);
  if (at == waiting_.end()) {
    return;
  }
  const auto of_agent = by_agent_.find(at->second.agent);
  if (--of_agent->second == 0) {
    by_agent_.erase(of_agent);
  }
  waiting_.erase(at);
}

std::vector<HeldCalls::Wake> HeldCalls::take(const Uuid& approval) {
  std::vector<Wake> out;
  std::vector<std::uint64_t> tickets;
  for (auto& [ticket, waiting] : waiting_) {
    if (waiting.approval == approval) {
      out.push_back(std::move(waiting.wake));
      tickets.push_back(ticket);
    }
  }
  for (const std::uint64_t ticket : tickets) {
    leave(ticket);
  }
  return out;
}

}  // namespace pawl
