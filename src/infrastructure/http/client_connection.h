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
#include <unordered_map>

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
  // Keeps it for later. Over the bound of its origin the oldest one of that goes, over the bound of
  // all the oldest one of the origin that has most.
  void put(std::shared_ptr<ClientConnection> connection);
  std::size_t size() const { return size_; }

 private:
  struct Idle;
  using Kept = std::list<std::unique_ptr<Idle>>;  // of one origin, oldest first
  struct Idle final : FdEvents {
    Idle(IdleConnections& owner, std::shared_ptr<ClientConnection> kept);
    void on_readable() override;
    void on_writable() override {}
    IdleConnections& pool;
    std::shared_ptr<ClientConnection> connection;
    Deadlines::Entry deadline;
    Kept::iterator place;
  };
  std::unique_ptr<Idle> remove(Kept& kept, Kept::iterator place);
  Kept& longest();

  Deadlines& deadlines_;
  const ClientOptions& options_;
  std::unordered_map<std::string, Kept> idle_;  // no list is empty
  std::size_t size_ = 0;
};

}  // namespace pawl::http
