// A socket address and its text form.
// Threading: plain value.
// Errors:    kInvalidParams for text that is not "a.b.c.d:port", "[v6]:port" or "unix:/path".
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace pawl {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string unix_path;  // empty for TCP

  static Result<SocketAddress> parse(const std::string& text);
  static Result<SocketAddress> unix_socket(const std::string& path);
  // `host` is the text of an IP address; the result has size 0 when it is not one.
  static SocketAddress ip(const std::string& host, std::uint16_t port);
  static SocketAddress local(int fd);

  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool is_unix() const { return storage.ss_family == AF_UNIX; }
  std::string host() const;    // "127.0.0.1", "::1"
  std::uint16_t port() const;  // 0 for a Unix socket
  std::string text() const;
};

}  // namespace pawl
