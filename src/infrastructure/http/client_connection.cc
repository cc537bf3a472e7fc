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

ClientConnection::ClientConnection(EventLoop& loop, int fd, FdEvents& events, IdleConnections& idle,
                                   std::string to, std::size_t max_header_bytes)
    : origin(std::move(to)),
      stream(loop, fd, events),
      input(max_header_bytes + 16 * 1024),
      parser(max_header_bytes),
      pool_(idle),
      idle_deadline_(idle.deadlines_, [this] { pool_.end(*this); }) {}

void ClientConnection::on_readable() {
  if (is_alive(*this)) {
    stream.want_read();
  } else {
    pool_.end(*this);
  }
}

std::shared_ptr<ClientConnection> IdleConnections::remove(Kept& kept, Kept::iterator place) {
  std::shared_ptr<ClientConnection> connection = std::move(*place);
  kept.erase(place);
  --size_;
  connection->idle_deadline_.clear();
  return connection;
}

void IdleConnections::end(const ClientConnection& connection) {
  const auto found = idle_.find(connection.origin);
  Kept& kept = found->second;
  const auto place = std::find_if(kept.begin(), kept.end(),
                                  [&](const auto& each) { return each.get() == &connection; });
  const auto self = remove(kept, place);
  if (kept.empty()) {
    idle_.erase(found);
  }
}

std::shared_ptr<ClientConnection> IdleConnections::take(const std::string& origin,
                                                        std::uint64_t& stale) {
  const auto found = idle_.find(origin);
  while (found != idle_.end() && !found->second.empty()) {
    std::shared_ptr<ClientConnection> newest =
        remove(found->second, std::prev(found->second.end()));
    if (is_alive(*newest)) {
      return newest;
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
  Kept& kept = idle_[connection->origin];
  if (kept.size() >= options_.max_idle_per_origin) {
    remove(kept, kept.begin());
  } else if (size_ >= options_.max_idle) {
    Kept& most = longest();
    remove(most, most.begin());
  }
  connection->stream.set_events(*connection);
  connection->stream.want_read();
  connection->idle_deadline_.set_in(options_.idle_timeout);
  kept.push_back(std::move(connection));
  ++size_;
}

}  // namespace pawl::http
