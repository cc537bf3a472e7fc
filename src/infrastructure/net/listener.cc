#include "infrastructure/net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "infrastructure/net/socket_address.h"

namespace pawl {

namespace {

// What the kernel takes of an answer beyond what it may send now. Without a bound it takes up to
// 4 MiB for each reader that reads nothing, which is memory that no budget of ours sees.
constexpr int kMostUnsentBytes = 256 * 1024;

void set_options(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsentBytes, sizeof(kMostUnsentBytes));
}

constexpr std::chrono::milliseconds kBackOff{100};
constexpr int kBacklog = 1024;
constexpr int kAcceptsPerWake = 64;

tl::unexpected<Error> os_error(const std::string& what) {
  const int error = errno;
  const Code code = error == EADDRINUSE ? Code::kConflict : Code::kIo;
  return fail(code, what + ": " + std::strerror(error));
}

// A socket file that a dead process left is removed; one that is served, or is no socket, stays.
Status clear_stale_socket(const SocketAddress& address) {
  struct stat info {};
  if (::lstat(address.unix_path.c_str(), &info) != 0) {
    return {};
  }
  if (!S_ISSOCK(info.st_mode)) {
    return fail(Code::kConflict, address.unix_path + ": exists and is not a socket");
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) {
    return os_error("socket");
  }
  const int connected = ::connect(probe, address.data(), address.size);
  const int error = errno;
  ::close(probe);
  if (connected == 0 || error != ECONNREFUSED) {
    return fail(Code::kConflict, address.unix_path + ": another process listens there");
  }
  ::unlink(address.unix_path.c_str());
  return {};
}

Status bind_and_listen(int fd, const SocketAddress& address, unsigned unix_mode) {
  const int on = 1;
  if (address.is_unix()) {
    if (Status cleared = clear_stale_socket(address); !cleared) {
      return cleared;
    }
    ::fchmod(fd, unix_mode);  // Linux: the file is created with it, never wider for a moment
  } else {
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address.family() == AF_INET6) {
      ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
  }
  if (::bind(fd, address.data(), address.size) != 0) {
    return os_error("bind " + address.text());
  }
  if (address.is_unix() && ::chmod(address.unix_path.c_str(), unix_mode) != 0) {
    return os_error("chmod " + address.unix_path);
  }
  if (::listen(fd, kBacklog) != 0) {
    return os_error("listen " + address.text());
  }
  return {};
}

std::uint64_t inode_of(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

Listener::Listener(EventLoop& loop, int fd, std::string unix_path, std::uint16_t port)
    : loop_(loop),
      unix_path_(std::move(unix_path)),
      unix_inode_(unix_path_.empty() ? 0 : inode_of(unix_path_)),
      port_(port),
      watch_(new FdWatch(loop, fd, *this)) {}

Listener::~Listener() {
  stop();
}

void Listener::stop() {
  if (watch_ == nullptr) {
    return;
  }
  pause_.cancel();
  watch_.reset();
  // Only our own file: a successor may have bound the path meanwhile.
  if (!unix_path_.empty() && inode_of(unix_path_) == unix_inode_) {
    ::unlink(unix_path_.c_str());
  }
}

Result<std::unique_ptr<Listener>> Listener::listen(EventLoop& loop, const std::string& address,
                                                   unsigned unix_mode, DescriptorUse use,
                                                   std::function<void(Accepted)> accepted,
                                                   std::function<bool()> exhausted) {
  const Result<SocketAddress> parsed = SocketAddress::parse(address);
  if (!parsed) {
    return fail(parsed.error());
  }
  const int fd = ::socket(parsed->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return os_error("socket");
  }
  if (const Status bound = bind_and_listen(fd, parsed.value(), unix_mode); !bound) {
    ::close(fd);
    return fail(bound.error());
  }
  std::unique_ptr<Listener> listener(
      new Listener(loop, fd, parsed->unix_path, SocketAddress::local(fd).port()));
  listener->use_ = use;
  listener->accepted_ = std::move(accepted);
  listener->exhausted_ = std::move(exhausted);
  listener->watch_->want_read();
  return listener;
}

void Listener::on_readable() {
  for (int i = 0; i < kAcceptsPerWake && watch_ != nullptr; ++i) {
    if (!accept_one()) {
      return;
    }
  }
  if (watch_ != nullptr) {
    watch_->want_read();
  }
}

// False when there is nothing more to accept now; the next wish is then already made.
bool Listener::accept_one() {
  SocketAddress peer;
  peer.size = sizeof(peer.storage);
  int fd = ::accept4(watch_->fd(), peer.data(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      exhausted_();  // what it closes is free when the pause is over
      return starve();
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      watch_->want_read();
      return false;
    }
    return true;  // that connection is gone already (ECONNABORTED and the like)
  }
  if (!may_hold(fd, use_)) {
    // The number that another connection gave back; a high one, kept, would eat the reserve.
    const int low = exhausted_() ? ::fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    ::close(fd);
    fd = low;
    if (!may_hold(fd, use_)) {
      if (fd >= 0) {
        ::close(fd);
      }
      return starve();
    }
  }
  if (std::exchange(starved_, false)) {
    log(LogLevel::kInfo, "descriptors_again", {{"port", std::to_string(port_)}});
  }
  Accepted accepted;
  accepted.fd = fd;
  if (!unix_path_.empty()) {
    accepted.address = "unix";
    ucred who{};
    socklen_t size = sizeof(who);
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
      accepted.credentials = UnixCredentials{who.pid, who.uid, who.gid};
    }
  } else {
    set_options(fd);
    accepted.address = peer.host();
    accepted.port = peer.port();
  }
  accepted_(std::move(accepted));
  return true;
}

// Always false.
bool Listener::starve() {
  if (!std::exchange(starved_, true)) {
    log(LogLevel::kWarn, "out_of_descriptors", {{"port", std::to_string(port_)}});
  }
  pause_ = loop_.after(kBackOff, [this] { on_readable(); });
  return false;
}

}  // namespace pawl
