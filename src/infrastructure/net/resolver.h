// Host names to addresses, without blocking the loop.
// Threading: the loop's own thread. Ownership: the Lookup cancels itself when destroyed.
// Errors:    kUpstreamUnavailable (no such name).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/socket_address.h"

namespace pawl {

class Lookup {
 public:
  using Done = std::function<void(Result<std::vector<SocketAddress>>)>;
  // `done` is called once, later, with at least one address or an error.
  Lookup(EventLoop& loop, const std::string& host, std::uint16_t port, Done done);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace pawl
