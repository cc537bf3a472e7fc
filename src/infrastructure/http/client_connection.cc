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
        const auto self = std::move(*place);
        pool.idle_.erase(place);
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
  const auto self = std::move(*place);
  pool.idle_.erase(place);
}

std::shared_ptr<ClientConnection> IdleConnections::take(const std::string& origin,
                                                        std::uint64_t& stale) {
  for (auto place = idle_.end(); place != idle_.begin();) {
    --place;
    if ((*place)->connection->origin != origin) {
      continue;
    }
    std::shared_ptr<ClientConnection> connection = std::move((*place)->connection);
    place = idle_.erase(place);
    if (is_alive(*connection)) {
      return connection;
    }
    ++stale;
  }
  return nullptr;
}

void IdleConnections::put(std::shared_ptr<ClientConnection> connection) {
  const std::string& origin = connection->origin;
  const auto same = [&](const std::unique_ptr<Idle>& idle) {
    return idle->connection->origin == origin;
  };
  if (options_.max_idle == 0 || options_.max_idle_per_origin == 0) {
    return;
  }
  const auto of_origin = static_cast<std::size_t>(std::count_if(idle_.begin(), idle_.end(), same));
  if (of_origin >= options_.max_idle_per_origin) {
    idle_.erase(std::find_if(idle_.begin(), idle_.end(), same));
  } else if (idle_.size() >= options_.max_idle) {
    idle_.pop_front();
  }
  idle_.push_back(std::make_unique<Idle>(*this, std::move(connection)));
  idle_.back()->place = std::prev(idle_.end());
}

}  // namespace pawl::http
