// A client's connection to one origin, and the pool of those that wait for their next request.
//
// Threading:  the loop's own thread.
// Ownership:  a connection belongs to the exchange that uses it, or to the pool.
// Not errors: a pooled connection that dies: it is dropped without a word.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "infrastructure/http/client.h"
#include "infrastructure/http/parser.h"
#include "infrastructure/http/read_buffer.h"
#include "infrastructure/net/deadlines.h"
#include "infrastructure/net/stream.h"

namespace pawl::http {

struct ClientConnection {
  ClientConnection(EventLoop& loop, int fd, FdEvents& events, std::string to,
                   std::size_t max_header_bytes)
      : origin(std::move(to)),
        stream(loop, fd, events),
        input(max_header_bytes + 16 * 1024),
        parser(max_header_bytes) {}

  const std::string origin;
  Stream stream;
  ReadBuffer input;
  ResponseParser parser;
};

class IdleConnections {
 public:
  IdleConnections(Deadlines& deadlines, const ClientOptions& options)
      : deadlines_(deadlines), options_(options) {}

  // The newest idle connection to `origin` that is alive as far as the kernel knows, or null. Dead
  // ones met on the way are dropped and counted in `stale`.
  std::shared_ptr<ClientConnection> take(const std::string& origin, std::uint64_t& stale);
  // Keeps it for later; over a bound the oldest one goes.
  void put(std::shared_ptr<ClientConnection> connection);
  std::size_t size() const { return idle_.size(); }

 private:
  struct Idle final : FdEvents {
    Idle(IdleConnections& owner, std::shared_ptr<ClientConnection> kept);
    void on_readable() override;
    void on_writable() override {}
    IdleConnections& pool;
    std::shared_ptr<ClientConnection> connection;
    Deadlines::Entry deadline;
    std::list<std::unique_ptr<Idle>>::iterator place;
  };

  Deadlines& deadlines_;
  const ClientOptions& options_;
  std::list<std::unique_ptr<Idle>> idle_;  // oldest first
};

}  // namespace pawl::http
