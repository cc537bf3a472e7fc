#include "infrastructure/net/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

namespace pawl {

namespace asio = boost::asio;
using boost::system::error_code;

struct Timer::Impl {
  explicit Impl(asio::io_context& context) : timer(context) {}
  asio::steady_timer timer;
  std::function<void()> task;  // empty: cancelled, or already run
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

Timer::~Timer() {
  cancel();
}

void Timer::cancel() {
  if (impl_ == nullptr) {
    return;
  }
  impl_->task = nullptr;
  impl_->timer.cancel();
  impl_.reset();
}

struct EventLoop::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::signal_set termination{context};
  asio::signal_set hangup{context};

  static void wait(asio::signal_set& signals, std::function<void(int)> handler) {
    signals.async_wait([&signals, handler = std::move(handler)](error_code error, int signal) {
      if (error) {
        return;
      }
      handler(signal);
      wait(signals, handler);
    });
  }
};

EventLoop::EventLoop() {
  std::signal(SIGPIPE, SIG_IGN);
  impl_ = std::make_unique<Impl>();
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  impl_->context.restart();
  impl_->context.run();
}

void EventLoop::stop() {
  impl_->context.stop();
}

void EventLoop::post(std::function<void()> task) {
  asio::post(impl_->context, std::move(task));
}

Timer EventLoop::after(std::chrono::microseconds delay, std::function<void()> task) {
  auto impl = std::make_shared<Timer::Impl>(impl_->context);
  impl->task = std::move(task);
  impl->timer.expires_after(delay);
  impl->timer.async_wait([impl](error_code) {
    if (std::function<void()> due = std::exchange(impl->task, nullptr)) {
      due();
    }
  });
  return Timer(std::move(impl));
}

void EventLoop::on_termination(std::function<void(int signal)> handler) {
  error_code ignored;
  impl_->termination.clear(ignored);
  impl_->termination.add(SIGTERM, ignored);
  impl_->termination.add(SIGINT, ignored);
  Impl::wait(impl_->termination, std::move(handler));
}

void EventLoop::on_hangup(std::function<void()> handler) {
  error_code ignored;
  impl_->hangup.clear(ignored);
  impl_->hangup.add(SIGHUP, ignored);
  Impl::wait(impl_->hangup, [handler = std::move(handler)](int) { handler(); });
}

boost::asio::io_context& EventLoop::context() {
  return impl_->context;
}

}  // namespace pawl
