#include "infrastructure/net/fd_watch.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace pawl {

namespace asio = boost::asio;
using boost::system::error_code;

struct FdWatch::Impl {
  Impl(asio::io_context& context, int fd, FdEvents* listener)
      : descriptor(context, fd), events(listener) {}

  asio::posix::stream_descriptor descriptor;
  FdEvents* events;  // null: the watch is gone
  bool read_wanted = false;
  bool write_wanted = false;
  bool read_pending = false;
  bool write_pending = false;

  void deliver_read() {
    if (std::exchange(read_wanted, false) && events != nullptr) {
      events->on_readable();
    }
  }
};

FdWatch::FdWatch(EventLoop& loop, int fd, FdEvents& events)
    : impl_(std::make_shared<Impl>(loop.context(), fd, &events)) {}

FdWatch::~FdWatch() {
  impl_->events = nullptr;
  error_code ignored;
  impl_->descriptor.close(ignored);
}

int FdWatch::fd() const {
  return impl_->descriptor.native_handle();
}

void FdWatch::want_read() {
  impl_->read_wanted = true;
  if (std::exchange(impl_->read_pending, true)) {
    return;
  }
  impl_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, [impl = impl_](error_code) {
    impl->read_pending = false;
    impl->deliver_read();
  });
}

void FdWatch::want_write() {
  impl_->write_wanted = true;
  if (std::exchange(impl_->write_pending, true)) {
    return;
  }
  impl_->descriptor.async_wait(
      asio::posix::descriptor_base::wait_write, [impl = impl_](error_code) {
        impl->write_pending = false;
        if (std::exchange(impl->write_wanted, false) && impl->events != nullptr) {
          impl->events->on_writable();
        }
      });
}

void FdWatch::want_read_now() {
  impl_->read_wanted = true;
  asio::post(impl_->descriptor.get_executor(), [impl = impl_] { impl->deliver_read(); });
}

void FdWatch::unwant_read() {
  impl_->read_wanted = false;
}

void FdWatch::set_events(FdEvents& events) {
  impl_->events = &events;
}

}  // namespace pawl
