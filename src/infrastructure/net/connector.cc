#include "infrastructure/net/connector.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "infrastructure/net/descriptors.h"

namespace pawl {

namespace {
// For an address that does not answer at all, when another one is left (a broken IPv6 path).
constexpr std::chrono::milliseconds kPatience{1'000};
}  // namespace

Connector::Connector(EventLoop& loop, const std::string& host, std::uint16_t port, Done done)
    : loop_(loop),
      done_(std::move(done)),
      lookup_(loop, host, port, [this](Result<std::vector<SocketAddress>> found) {
        if (!found) {
          finish(fail(found.error()));
          return;
        }
        addresses_ = std::move(found.value());
        try_next();
      }) {}

void Connector::try_next() {
  watch_.reset();
  patience_.cancel();
  while (next_ < addresses_.size()) {
    const SocketAddress& address = addresses_[next_++];
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      last_problem_ = std::string("socket: ") + std::strerror(errno);
      continue;
    }
    if (!may_hold(fd, DescriptorUse::kServers)) {
      last_problem_ = "socket: too few descriptors are left";
      ::close(fd);
      continue;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(fd, address.data(), address.size) != 0 && errno != EINPROGRESS) {
      last_problem_ = address.text() + ": " + std::strerror(errno);
      ::close(fd);
      continue;
    }
    watch_ = std::make_unique<FdWatch>(loop_, fd, *this);
    watch_->want_write();
    if (next_ < addresses_.size()) {
      patience_ = loop_.after(kPatience, [this, text = address.text()] {
        last_problem_ = text + ": no answer";
        try_next();
      });
    }
    return;
  }
  finish(fail(Code::kUpstreamUnavailable, "connect " + last_problem_));
}

void Connector::on_writable() {
  int problem = 0;
  socklen_t size = sizeof(problem);
  ::getsockopt(watch_->fd(), SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem != 0) {
    last_problem_ = addresses_[next_ - 1].text() + ": " + std::strerror(problem);
    try_next();
    return;
  }
  // The watch closes its own descriptor; the caller gets another one for the same socket.
  const int fd = ::fcntl(watch_->fd(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) {
    finish(fail(Code::kUpstreamUnavailable, std::string("connect: ") + std::strerror(errno)));
    return;
  }
  if (!may_hold(fd, DescriptorUse::kServers)) {
    ::close(fd);
    finish(fail(Code::kUpstreamUnavailable, "connect: too few descriptors are left"));
    return;
  }
  finish(fd);
}

void Connector::finish(Result<int> result) {
  patience_.cancel();
  watch_.reset();
  const Done done = std::move(done_);
  done(std::move(result));
}

}  // namespace pawl
