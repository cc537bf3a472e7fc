// Opens one TCP connection to a host, trying its addresses in turn.
//
// Threading:  the loop's own thread.
// Ownership:  the connected descriptor (non-blocking, TCP_NODELAY) belongs to the callee.
// Destroying
//             the connector cancels; `done` may destroy it. The caller sets the time limit.
// Errors:     kUpstreamUnavailable with the last address's reason.
//
// Example:    Connector connector(loop, "localhost", 3001, [](Result<int> fd) { ... });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/fd_watch.h"
#include "infrastructure/net/resolver.h"

namespace pawl {

class Connector final : public FdEvents {
 public:
  using Done = std::function<void(Result<int>)>;
  // `done` is called once, later.
  Connector(EventLoop& loop, const std::string& host, std::uint16_t port, Done done);
  ~Connector() = default;

 private:
  void try_next();
  void on_readable() override {}
  void on_writable() override;
  void finish(Result<int> result);

  EventLoop& loop_;
  Done done_;
  std::string last_problem_;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  std::unique_ptr<FdWatch> watch_;  // of the attempt under way
  Timer patience_;                  // moves on to the next address
  Lookup lookup_;                   // last: its callback uses the others
};

}  // namespace pawl
