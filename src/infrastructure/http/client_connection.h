// A client's connection to one origin, and the pool of those that wait for their next request.
//
// Threading:  the loop's own thread.
// Ownership:  a connection belongs to the exchange that uses it, or to the pool.
// Not errors: a pooled connection that dies: it is dropped without a word.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "infrastructure/http/client.h"
#include "infrastructure/http/parser.h"
#include "infrastructure/http/read_buffer.h"
#include "infrastructure/net/deadlines.h"
#include "infrastructure/net/stream.h"

namespace pawl::http {

class IdleConnections;

struct ClientConnection final : FdEvents {
  ClientConnection(EventLoop& loop, int fd, FdEvents& events, IdleConnections& idle, std::string to,
                   std::size_t max_header_bytes);

  const std::string origin;
  Stream stream;
  ReadBuffer input;
  ResponseParser parser;

 private:
  friend IdleConnections;
  // While it waits in the pool.
  void on_readable() override;
  void on_writable() override {}

  IdleConnections& pool_;
  Deadlines::Entry idle_deadline_;
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
  friend ClientConnection;
  using Kept = std::vector<std::shared_ptr<ClientConnection>>;  // of one origin, oldest first

  void end(const ClientConnection& connection);  // it died, or waited too long
  std::shared_ptr<ClientConnection> remove(Kept& kept, Kept::iterator place);
  Kept& longest();

  Deadlines& deadlines_;
  const ClientOptions& options_;
  std::unordered_map<std::string, Kept> idle_;  // none may be left of an origin whose are in use
  std::size_t size_ = 0;
};

}  // namespace pawl::http
