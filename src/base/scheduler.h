// Deferred work on the I/O thread, injected: the event loop in the program, virtual time in tests.
//
// Threading:  post() from any thread; after() and cancel() on the I/O thread.
// Ownership:  the Scheduler outlives every ScheduledTask; a destroyed ScheduledTask never runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace pawl {

// Cancels its work when destroyed. Empty: nothing scheduled.
class ScheduledTask {
 public:
  virtual ~ScheduledTask() = default;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual void post(std::function<void()> task) = 0;
  [[nodiscard]] virtual std::unique_ptr<ScheduledTask> after(std::chrono::microseconds delay,
                                                             std::function<void()> task) = 0;
};

}  // namespace pawl
