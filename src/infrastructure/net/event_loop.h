// One thread's event loop: what the shell runs on.
//
// Purpose:    tasks, timers, signals and the readiness of descriptors, one after the other on one
//             thread.
// Threading:  post(), stop() and a poster from any thread; everything else on the loop's own.
// Ownership:  the loop outlives all that was created on it. Pending work is dropped, not run, when
//             the loop is destroyed.
// Order:      posted tasks run in the order of posting, before the loop looks at descriptors again;
//             a timer never fires early. What tasks, events and timers sent by sends() goes to the
//             kernel before the loop sleeps.
// Signals:    the first loop makes the process ignore SIGPIPE (a closed pipe or TLS peer is an
//             error of the write, not the end of the process); a child must set it back before
//             exec. One loop at a time may ask for signals.
//
// Example:
//   EventLoop loop;
//   loop.post([&] { ... });
//   Timer t = loop.after(std::chrono::milliseconds(50), [&] { ... });  // cancelled by ~Timer
//   loop.run();      // until stop()
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace pawl {

class SendRound;

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

// What the loop tells of a descriptor: epoll's events, each change once (EPOLLET).
class Watched {
 public:
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~Watched() = default;
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
  // post() for threads that may outlive the loop: what comes after its end is dropped.
  std::function<void(std::function<void()>)> poster();
  // Odd while the loop works, and another number after each wait; from any thread, also later.
  std::function<std::uint64_t()> turns() const;
  [[nodiscard]] Timer after(std::chrono::microseconds delay, std::function<void()> task);
  // Calls `handler` on SIGTERM and SIGINT instead of ending the process.
  void on_termination(std::function<void(int signal)> handler);
  // Calls `handler` on SIGHUP.
  void on_hangup(std::function<void()> handler);

  // What is sent before the loop sleeps, or returns.
  SendRound& sends();

  // For FdWatch. False, and errno: EPERM, such a descriptor cannot be polled (a regular file).
  bool watch(int fd, std::shared_ptr<Watched> watched);
  void look_again(int fd, Watched& watched);  // tells what holds now, although it was told
  void forget(int fd, Watched& watched);      // before it is closed; nothing more is told

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace pawl
