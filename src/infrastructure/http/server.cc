#include "infrastructure/http/server.h"

#include <unistd.h>

#include <utility>

#include "infrastructure/http/connection.h"
#include "infrastructure/net/listener.h"
#include "infrastructure/net/tls.h"

namespace pawl::http {

namespace {

constexpr std::size_t kMaxLeaving = 64;  // beyond max_connections

void close_all(Connections& connections) {
  while (!connections.empty()) {
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
  void close_oldest_idle();
};

void Server::Impl::close_oldest_idle() {
  if (!context->idle.empty()) {
    const std::shared_ptr<Connection> oldest = context->idle.front();
    oldest->close();
  }
}

void Server::Impl::accept(Accepted accepted) {
  ServerContext& server = *context;
  ++server.counters.accepted;
  Peer peer;
  peer.address = std::move(accepted.address);
  peer.port = accepted.port;
  peer.credentials = accepted.credentials;
  if (server.idle.size() + server.busy.size() >= server.options.max_connections) {
    if (server.idle.empty()) {
      ++server.counters.refused_full;
      if (tls != nullptr || server.leaving.size() >= kMaxLeaving) {
        ::close(accepted.fd);
      } else {
        std::make_shared<Connection>(context, accepted.fd, std::move(peer))->refuse();
      }
      return;
    }
    close_oldest_idle();
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
  close_all(impl_->context->idle);
  close_all(impl_->context->busy);
}

Result<std::unique_ptr<Server>> Server::listen(EventLoop& loop, const ServerOptions& options,
                                               Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->context = std::make_shared<ServerContext>(loop, options, std::move(handler));
  if (options.tls) {
    Result<std::shared_ptr<TlsContext>> tls =
        TlsContext::server(options.tls->certificate_file, options.tls->key_file,
                           options.tls->client_ca_file, options.tls->require_client_certificate);
    if (!tls) {
      return fail_at("TLS for " + options.address, tls.error());
    }
    impl->tls = std::move(tls.value());
  }
  Result<std::unique_ptr<Listener>> listener = Listener::listen(
      loop, options.address, options.unix_mode,
      [server = impl.get()](Accepted accepted) { server->accept(std::move(accepted)); },
      [server = impl.get()] {
        ++server->context->counters.out_of_descriptors;
        server->close_oldest_idle();
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
}

std::size_t Server::open_connections() const {
  const ServerContext& server = *impl_->context;
  return server.idle.size() + server.busy.size() + server.leaving.size();
}

std::size_t Server::unfinished_bytes() const {
  return impl_->context->bodies.bytes();
}

const ServerCounters& Server::counters() const {
  return impl_->context->counters;
}

}  // namespace pawl::http
