// One thread's event loop: what the shell runs on.
//
// Purpose:    hides Boost.Asio from everything but a few .cc files.
// Threading:  post() from any thread; everything else on the loop's own thread.
// Ownership:  the loop outlives all that was created on it. Pending work is dropped, not run, when
//             the loop is destroyed.
// Signals:    the first loop makes the process ignore SIGPIPE (a closed pipe or TLS peer is an
// error
//             of the write, not the end of the process); a child must set it back before exec.
//
// Example:
//   EventLoop loop;
//   loop.post([&] { ... });
//   Timer t = loop.after(std::chrono::milliseconds(50), [&] { ... });  // cancelled by ~Timer
//   loop.run();      // until stop()
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace pawl {

class Timer {
 public:
  Timer() = default;
  struct Impl;
  explicit Timer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Timer(Timer&&) = default;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer();
  void cancel();  // the callback will not run after this returns

 private:
  std::shared_ptr<Impl> impl_;
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void run();   // returns after stop()
  void stop();  // any thread
  void post(std::function<void()> task);
  [[nodiscard]] Timer after(std::chrono::microseconds delay, std::function<void()> task);
  // Calls `handler` on SIGTERM and SIGINT instead of ending the process.
  void on_termination(std::function<void(int signal)> handler);
  // Calls `handler` on SIGHUP.
  void on_hangup(std::function<void()> handler);

  boost::asio::io_context& context();  // for the .cc files of infrastructure/ only

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
