#include "infrastructure/net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>

namespace pawl {

namespace {

constexpr std::string_view kUnixPrefix = "unix:";

const sockaddr_in& v4(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in&>(address.storage);
}
const sockaddr_in6& v6(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in6&>(address.storage);
}

}  // namespace

Result<SocketAddress> SocketAddress::unix_socket(const std::string& path) {
  SocketAddress address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.empty() || path.size() >= sizeof(un.sun_path)) {
    return fail(Code::kInvalidParams, "Unix socket path \"" + path + "\": expected 1.." +
                                          std::to_string(sizeof(un.sun_path) - 1) + " bytes");
  }
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  address.size = sizeof(sockaddr_un);
  address.unix_path = path;
  return address;
}

SocketAddress SocketAddress::ip(const std::string& host, std::uint16_t port) {
  SocketAddress address;
  auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1) {
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    address.size = sizeof(in);
  } else if (inet_pton(AF_INET6, host.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    address.size = sizeof(in6);
  }
  return address;
}

Result<SocketAddress> SocketAddress::parse(const std::string& text) {
  if (text.compare(0, kUnixPrefix.size(), kUnixPrefix) == 0) {
    return unix_socket(text.substr(kUnixPrefix.size()));
  }
  const auto bad = [&] {
    return fail(Code::kInvalidParams, "address \"" + text +
                                          "\": expected an IP address and port such as "
                                          "127.0.0.1:7700 or [::1]:7700, or unix:/path");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return bad();
  }
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || stop != end || colon + 1 == text.size()) {
    return bad();
  }
  SocketAddress address = ip(host, port);
  if (address.size == 0 || bracketed != (address.family() == AF_INET6)) {
    return bad();
  }
  return address;
}

SocketAddress SocketAddress::local(int fd) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  if (::getsockname(fd, address.data(), &address.size) != 0) {
    return {};
  }
  return address;
}

std::string SocketAddress::host() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &v4(*this).sin_addr, buffer, sizeof(buffer));
  } else if (family() == AF_INET6) {
    inet_ntop(AF_INET6, &v6(*this).sin6_addr, buffer, sizeof(buffer));
  }
  return buffer;
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) {
    return ntohs(v4(*this).sin_port);
  }
  return family() == AF_INET6 ? ntohs(v6(*this).sin6_port) : std::uint16_t{0};
}

std::string SocketAddress::text() const {
  if (is_unix()) {
    return "unix:" + unix_path;
  }
  const std::string host_text = family() == AF_INET6 ? "[" + host() + "]" : host();
  return host_text + ":" + std::to_string(port());
}

}  // namespace pawl
