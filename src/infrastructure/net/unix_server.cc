#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "infrastructure/net/listener.h"
#include "infrastructure/net/socket_address.h"
#include "infrastructure/net/unix_line.h"

namespace pawl {

namespace {

class ListeningUnixServer final : public UnixServer {
 public:
  std::unique_ptr<Listener> listener;
};

}  // namespace

Result<std::unique_ptr<LineChannel>> unix_connect(EventLoop& loop, const std::string& path,
                                                  const LineLimits& limits) {
  const Result<SocketAddress> address = SocketAddress::unix_socket(path);
  if (!address) {
    return fail(address.error());
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return fail(Code::kIo, std::string("socket: ") + std::strerror(errno));
  }
  if (::connect(fd, address->data(), address->size) != 0) {
    const int problem = errno;
    ::close(fd);
    const bool absent = problem == ENOENT || problem == ECONNREFUSED || problem == EAGAIN;
    return fail(absent ? Code::kUpstreamUnavailable : Code::kIo,
                "connect " + address->text() + ": " + std::strerror(problem));
  }
  return make_line_channel(loop, fd, fd, limits);
}

Result<std::unique_ptr<UnixServer>> UnixServer::listen(EventLoop& loop, const std::string& path,
                                                       unsigned mode, const LineLimits& limits,
                                                       Accepted accepted) {
  auto server = std::make_unique<ListeningUnixServer>();
  Result<std::unique_ptr<Listener>> listener = Listener::listen(
      loop, "unix:" + path, mode, DescriptorUse::kAgents,
      [&loop, limits, accepted = std::move(accepted)](const pawl::Accepted& connection) {
        accepted(make_line_channel(loop, connection.fd, connection.fd, limits),
                 connection.credentials.value_or(UnixCredentials{}));
      },
      [] { return false; });
  if (!listener) {
    return fail(listener.error());
  }
  server->listener = std::move(listener.value());
  return std::unique_ptr<UnixServer>(std::move(server));
}

}  // namespace pawl
