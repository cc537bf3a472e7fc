#include "infrastructure/net/output_budget.h"

#include <algorithm>
#include <utility>

#include "base/limit_stat.h"

namespace pawl {
namespace {

LimitStat max_queued("max_queued_mib");

}  // namespace

OutputBudget::Ticket OutputBudget::open(std::string holder, Cut cut) {
  queues_.emplace(++last_, Queue{std::move(holder), 0, std::move(cut)});
  return last_;
}

void OutputBudget::set(Ticket ticket, std::size_t bytes) {
  const auto found = queues_.find(ticket);
  if (found == queues_.end()) {
    return;
  }
  Queue& queue = found->second;
  std::size_t& held = holders_[queue.holder];
  held += bytes - queue.bytes;
  bytes_ += bytes - queue.bytes;
  queue.bytes = bytes;
  if (held == 0) {
    holders_.erase(queue.holder);
  }
  while (bytes_ > max_bytes_) {
    const Ticket gone = largest();
    max_queued.reached();
    post_([cut = std::move(queues_.at(gone).cut), gone] { cut(gone); });
    close(gone);
  }
}

void OutputBudget::close(Ticket ticket) {
  const auto found = queues_.find(ticket);
  if (found == queues_.end()) {
    return;
  }
  const Queue queue = std::move(found->second);
  queues_.erase(found);
  bytes_ -= queue.bytes;
  const auto holder = holders_.find(queue.holder);
  if (holder != holders_.end() && (holder->second -= queue.bytes) == 0) {
    holders_.erase(holder);
  }
}

OutputBudget::Ticket OutputBudget::largest() const {
  const auto holder =
      std::max_element(holders_.begin(), holders_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  Ticket found = 0;
  std::size_t most = 0;
  for (const auto& [ticket, queue] : queues_) {
    if (queue.holder == holder->first && queue.bytes > most) {
      most = queue.bytes;
      found = ticket;
    }
  }
  return found;
}

}  // namespace pawl
