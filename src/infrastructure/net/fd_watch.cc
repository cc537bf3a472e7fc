#include "infrastructure/net/fd_watch.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace pawl {

namespace {

constexpr std::uint32_t kReadEvents = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kWriteEvents = EPOLLOUT | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kEndEvents = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}  // namespace

struct FdWatch::Impl final : public Watched, public std::enable_shared_from_this<FdWatch::Impl> {
  Impl(EventLoop& event_loop, int descriptor, FdEvents* listener)
      : loop(event_loop), fd(descriptor), events(listener) {}

  void on_events(std::uint32_t told) override {
    ended = ended || (told & kEndEvents) != 0;
    if ((told & kReadEvents) != 0) {
      known = Known::kReady;
      if (read_wanted) {
        deliver_read();
      }
    }
    if ((told & kWriteEvents) != 0 && std::exchange(write_wanted, false) && events != nullptr) {
      events->on_writable();
    }
  }

  void deliver_read() {
    if (std::exchange(read_wanted, false) && events != nullptr) {
      known = Known::kNothing;  // how much the listener reads is for it to say: drained()
      events->on_readable();
    }
  }

  void post_read() {
    loop.post([self = shared_from_this()] { self->deliver_read(); });
  }

  EventLoop& loop;
  const int fd;
  FdEvents* events;  // null: the watch is gone
  bool pollable = false;
  bool read_wanted = false;
  bool write_wanted = false;
  bool ended = false;  // the other side closed, or it broke: there is always something to read
  // Of reading. kEmpty: the next change is told by itself.
  enum class Known { kNothing, kReady, kEmpty } known = Known::kEmpty;
};

FdWatch::FdWatch(EventLoop& loop, int fd, FdEvents& events)
    : impl_(std::make_shared<Impl>(loop, fd, &events)) {
  impl_->pollable = loop.watch(fd, impl_);
  if (!impl_->pollable && errno != EPERM) {
    // No memory or no watches left (fs.epoll.max_user_watches): its next read is the end.
    log(LogLevel::kError, "descriptor_not_watched", {{"reason", std::strerror(errno)}});
    ::shutdown(fd, SHUT_RDWR);
  }
}

FdWatch::~FdWatch() {
  impl_->events = nullptr;
  impl_->loop.forget(impl_->fd, *impl_);
  ::close(impl_->fd);
}

int FdWatch::fd() const {
  return impl_->fd;
}

void FdWatch::want_read() {
  if (std::exchange(impl_->read_wanted, true)) {
    return;
  }
  if (!impl_->pollable || impl_->known == Impl::Known::kReady) {
    impl_->post_read();
  } else if (impl_->known == Impl::Known::kNothing) {
    impl_->known = Impl::Known::kEmpty;
    impl_->loop.look_again(impl_->fd, *impl_);
  }
}

void FdWatch::drained() {
  if (!impl_->ended && impl_->known == Impl::Known::kNothing) {
    impl_->known = Impl::Known::kEmpty;
  }
}

void FdWatch::want_write() {
  if (std::exchange(impl_->write_wanted, true)) {
    return;
  }
  if (impl_->pollable) {
    impl_->loop.look_again(impl_->fd, *impl_);
    return;
  }
  impl_->loop.post([impl = impl_] {
    if (std::exchange(impl->write_wanted, false) && impl->events != nullptr) {
      impl->events->on_writable();
    }
  });
}

void FdWatch::want_read_now() {
  impl_->read_wanted = true;
  impl_->post_read();
}

void FdWatch::unwant_read() {
  impl_->read_wanted = false;
}

void FdWatch::set_events(FdEvents& events) {
  impl_->events = &events;
}

}  // namespace pawl
