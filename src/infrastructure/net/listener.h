// A listening TCP or Unix socket.
//
// Purpose:    binds, accepts, and backs off when the process is out of descriptors.
// Threading:  the loop's own thread.
// Ownership:  accepted descriptors (non-blocking, close-on-exec) belong to the callee. The socket
//             file of a Unix listener is removed when the listener stops.
// Errors:     kInvalidParams (address text), kConflict (in use), kIo.
// Not errors: running out of descriptors, or of the share of this use: `exhausted` is told, and
//             accepting pauses for 100 ms unless it says that it closed another connection.
//
// Example:
//   Listener::listen(loop, "127.0.0.1:0", 0600, DescriptorUse::kAgents, [](Accepted a) { ... },
//                    [] { return false; });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "infrastructure/net/descriptors.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/fd_watch.h"
#include "infrastructure/net/unix_credentials.h"

namespace pawl {

struct Accepted {
  int fd = -1;
  std::string address;  // text form of the peer's IP address, or "unix"
  std::uint16_t port = 0;
  std::optional<UnixCredentials> credentials;
};

class Listener final : private FdEvents {
 public:
  // `address`: "127.0.0.1:7700", "[::1]:7700" or "unix:/path"; port 0 picks a free one.
  static Result<std::unique_ptr<Listener>> listen(EventLoop& loop, const std::string& address,
                                                  unsigned unix_mode, DescriptorUse use,
                                                  std::function<void(Accepted)> accepted,
                                                  std::function<bool()> exhausted);
  ~Listener();
  std::uint16_t port() const { return port_; }
  void stop();

 private:
  Listener(EventLoop& loop, int fd, std::string unix_path, std::uint16_t port);
  void on_readable() override;
  void on_writable() override {}
  bool accept_one();
  bool starve();

  EventLoop& loop_;
  std::string unix_path_;
  std::uint64_t unix_inode_ = 0;
  std::uint16_t port_;
  DescriptorUse use_ = DescriptorUse::kAgents;
  std::function<void(Accepted)> accepted_;
  std::function<bool()> exhausted_;  // true: another connection was closed
  std::unique_ptr<FdWatch> watch_;   // null: stopped
  Timer pause_;
  bool starved_ = false;
};

}  // namespace pawl
