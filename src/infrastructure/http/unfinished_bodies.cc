#include "infrastructure/http/unfinished_bodies.h"

#include <algorithm>

namespace pawl::http {

UnfinishedBodies::Ticket UnfinishedBodies::open(const std::string& holder) {
  const Ticket ticket = ++last_;
  holders_[holder].bodies.emplace(ticket, 0);
  open_.emplace(ticket, holder);
  return ticket;
}

std::vector<UnfinishedBodies::Ticket> UnfinishedBodies::grow(Ticket ticket, std::size_t bytes) {
  std::vector<Ticket> gone;
  const auto known = open_.find(ticket);
  if (known == open_.end()) {
    return gone;
  }
  Holder& holder = holders_.at(known->second);
  std::size_t& held = holder.bodies.at(ticket);
  holder.bytes += bytes - held;
  bytes_ += bytes - held;
  held = bytes;
  while (bytes_ > max_bytes_) {
    gone.push_back(newest_of_largest());
    close(gone.back());
  }
  return gone;
}

void UnfinishedBodies::close(Ticket ticket) {
  const auto known = open_.find(ticket);
  if (known == open_.end()) {
    return;
  }
  const auto holder = holders_.find(known->second);
  const auto body = holder->second.bodies.find(ticket);
  bytes_ -= body->second;
  holder->second.bytes -= body->second;
  holder->second.bodies.erase(body);
  if (holder->second.bodies.empty()) {
    holders_.erase(holder);
  }
  open_.erase(known);
}

UnfinishedBodies::Ticket UnfinishedBodies::newest_of_largest() const {
  const auto largest = std::max_element(
      holders_.begin(), holders_.end(),
      [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; });
  return largest->second.bodies.rbegin()->first;
}

}  // namespace pawl::http
