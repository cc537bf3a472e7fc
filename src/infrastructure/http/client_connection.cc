#include "infrastructure/http/client_connection.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pawl::http {

namespace {

// Reads what waits on an idle connection. Nothing may: an end, an error or unasked-for bytes make
// it unfit; TLS housekeeping (session tickets) is consumed and does not.
bool is_alive(ClientConnection& connection) {
  char byte = 0;
  const IoState state = connection.stream.read(&byte, 1).state;
  return state == IoState::kBlocked;
}

}  // namespace

IdleConnections::Idle::Idle(IdleConnections& owner, std::shared_ptr<ClientConnection> kept)
    : pool(owner), connection(std::move(kept)), deadline(owner.deadlines_, [this] {
        const auto self = pool.remove(pool.idle_.at(connection->origin), place);
      }) {
  connection->stream.set_events(*this);
  connection->stream.want_read();
  deadline.set_in(pool.options_.idle_timeout);
}

void IdleConnections::Idle::on_readable() {
  if (is_alive(*connection)) {
    connection->stream.want_read();
    return;
  }
  const auto self = pool.remove(pool.idle_.at(connection->origin), place);
}

std::unique_ptr<IdleConnections::Idle> IdleConnections::remove(Kept& kept, Kept::iterator place) {
  std::unique_ptr<Idle> idle = std::move(*place);
  kept.erase(place);
  --size_;
  if (kept.empty()) {
    idle_.erase(idle->connection->origin);
  }
  return idle;
}

std::shared_ptr<ClientConnection> IdleConnections::take(const std::string& origin,
                                                        std::uint64_t& stale) {
  for (auto found = idle_.find(origin); found != idle_.end(); found = idle_.find(origin)) {
    const std::unique_ptr<Idle> newest = remove(found->second, std::prev(found->second.end()));
    if (is_alive(*newest->connection)) {
      return std::move(newest->connection);
    }
    ++stale;
  }
  return nullptr;
}

IdleConnections::Kept& IdleConnections::longest() {
  return std::max_element(
             idle_.begin(), idle_.end(),
             [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); })
      ->second;
}

void IdleConnections::put(std::shared_ptr<ClientConnection> connection) {
  if (options_.max_idle == 0 || options_.max_idle_per_origin == 0) {
    return;
  }
  const std::string origin = connection->origin;
  const auto same = idle_.find(origin);
  if (same != idle_.end() && same->second.size() >= options_.max_idle_per_origin) {
    remove(same->second, same->second.begin());
  } else if (size_ >= options_.max_idle) {
    Kept& most = longest();
    remove(most, most.begin());
  }
  Kept& kept = idle_[origin];
  kept.push_back(std::make_unique<Idle>(*this, std::move(connection)));
  kept.back()->place = std::prev(kept.end());
  ++size_;
}

}  // namespace pawl::http
