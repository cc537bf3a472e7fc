#include "infrastructure/http/server.h"

#include <unistd.h>

#include <utility>

#include "infrastructure/http/connection.h"
#include "infrastructure/net/listener.h"
#include "infrastructure/net/tls.h"

namespace pawl::http {

namespace {

constexpr std::size_t kMaxLeaving = 64;        // beyond max_connections
constexpr std::size_t kShareOfUnfinished = 4;  // more than a quarter is a flood

void close_all(Connections& connections) {
  while (!connections.empty()) {
    // A copy: closing takes it off the list.
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
    const std::shared_ptr<Connection> first = connections.front();
    first->close();
  }
}

}  // namespace

struct Server::Impl {
  std::shared_ptr<ServerContext> context;
  std::shared_ptr<TlsContext> tls;  // null: plain
  std::unique_ptr<Listener> listener;
  std::uint16_t port = 0;

  void accept(Accepted accepted);
  bool make_room();
};

// Unfinished requests go first once there are many of them (a flood of half-open connections), else
// the client that has been idle the longest. False: all wait for an answer.
bool Server::Impl::make_room() {
  ServerContext& server = *context;
  const std::size_t flood = server.options.max_connections / kShareOfUnfinished;
  Connections& list = server.fresh.size() > flood      ? server.fresh
                      : server.arriving.size() > flood ? server.arriving
                      : !server.idle.empty()           ? server.idle
                      : !server.fresh.empty()          ? server.fresh
                                                       : server.arriving;
  if (list.empty()) {
    return false;
  }
  ++server.counters.closed_for_room;
  const std::shared_ptr<Connection> oldest = list.front();
  oldest->close();
  return true;
}

void Server::Impl::accept(Accepted accepted) {
  ServerContext& server = *context;
  ++server.counters.accepted;
  Peer peer;
  peer.address = std::move(accepted.address);
  peer.port = accepted.port;
  peer.credentials = accepted.credentials;
  if (server.served() >= server.options.max_connections && !make_room()) {
    ++server.counters.refused_full;
    if (tls != nullptr || server.leaving.size() >= kMaxLeaving) {
      ::close(accepted.fd);
    } else {
      std::make_shared<Connection>(context, accepted.fd, std::move(peer))->refuse();
    }
    return;
  }
  std::unique_ptr<TlsSession> session;
  if (tls != nullptr) {
    session = tls->accept(accepted.fd);
    if (session == nullptr) {
      ++server.counters.tls_failures;
      ::close(accepted.fd);
      return;
    }
  }
  std::make_shared<Connection>(context, accepted.fd, std::move(peer))->start(std::move(session));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->listener.reset();
  close_all(impl_->context->leaving);
  close_all(impl_->context->fresh);
  close_all(impl_->context->arriving);
  close_all(impl_->context->idle);
  close_all(impl_->context->busy);
}

Result<std::unique_ptr<Server>> Server::listen(EventLoop& loop, const ServerOptions& options,
                                               Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->context = std::make_shared<ServerContext>(loop, options, std::move(handler));
  if (options.tls) {
    Result<std::shared_ptr<TlsContext>> tls = TlsContext::server(
        options.tls->certificate_file, options.tls->key_file, options.tls->client_ca_file,
        options.tls->require_client_certificate, options.tls->client_trust);
    if (!tls) {
      return fail_at("TLS for " + options.address, tls.error());
    }
    impl->tls = std::move(tls.value());
  }
  Result<std::unique_ptr<Listener>> listener = Listener::listen(
      loop, options.address, options.unix_mode, options.descriptors,
      [server = impl.get()](Accepted accepted) { server->accept(std::move(accepted)); },
      [server = impl.get()] {
        ++server->context->counters.out_of_descriptors;
        return server->make_room();
      });
  if (!listener) {
    return fail(listener.error());
  }
  impl->listener = std::move(listener.value());
  impl->port = impl->listener->port();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
  return impl_->port;
}

void Server::stop_accepting() {
  impl_->context->stopping = true;
  impl_->listener->stop();
}

void Server::close_idle() {
  close_all(impl_->context->idle);
  const Connections fresh = impl_->context->fresh;
  for (const std::shared_ptr<Connection>& connection : fresh) {
    if (connection->is_waiting()) {
      connection->close();
    }
  }
}

std::size_t Server::open_connections() const {
  const ServerContext& server = *impl_->context;
  return server.served() + server.leaving.size();
}

std::size_t Server::unfinished_bytes() const {
  return impl_->context->bodies.bytes();
}

const ServerCounters& Server::counters() const {
  return impl_->context->counters;
}

}  // namespace pawl::http
