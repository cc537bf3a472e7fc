#include "gateway/bulkhead.h"

#include <algorithm>

#include "base/assert.h"

namespace pawl {

Bulkhead::Grant Bulkhead::acquire(const std::string& agent, std::uint64_t ticket) {
  Share& share = shares_[agent];
  if (share.open + share.queue.size() >= limits_.open_per_agent) {
    return Grant::kRefused;
  }
  if (open_ >= limits_.open_total) {
    share.queue.push_back(ticket);
    ++waiting_;
    return Grant::kWaiting;
  }
  ++share.open;
  ++open_;
  return Grant::kGranted;
}

std::optional<std::uint64_t> Bulkhead::release(const std::string& agent) {
  Share& share = shares_[agent];
  PAWL_CHECK(share.open > 0 && open_ > 0, "a slot is given back once");
  --share.open;
  --open_;
  drop_if_idle(agent);
  if (waiting_ == 0) {
    return std::nullopt;
  }
  auto next = shares_.upper_bound(last_served_);
  for (std::size_t looked = 0; looked <= shares_.size(); ++looked) {
    if (next == shares_.end()) {
      next = shares_.begin();
    }
    if (!next->second.queue.empty()) {
      break;
    }
    ++next;
  }
  Share& served = next->second;
  const std::uint64_t ticket = served.queue.front();
  served.queue.pop_front();
  --waiting_;
  ++served.open;
  ++open_;
  last_served_ = next->first;
  return ticket;
}

void Bulkhead::forget(const std::string& agent, std::uint64_t ticket) {
  Share& share = shares_[agent];
  const auto found = std::find(share.queue.begin(), share.queue.end(), ticket);
  if (found != share.queue.end()) {
    share.queue.erase(found);
    --waiting_;
  }
  drop_if_idle(agent);
}

void Bulkhead::drop_if_idle(const std::string& agent) {
  const auto found = shares_.find(agent);
  if (found != shares_.end() && found->second.open == 0 && found->second.queue.empty()) {
    shares_.erase(found);
  }
}

}  // namespace pawl
