// The Scheduler of the program: its event loop. Threading: see base/scheduler.h.
#pragma once

#include "base/scheduler.h"
#include "infrastructure/net/event_loop.h"

namespace pawl {

class LoopScheduler final : public Scheduler {
 public:
  explicit LoopScheduler(EventLoop& loop) : loop_(loop) {}
  void post(std::function<void()> task) override { loop_.post(std::move(task)); }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds delay,
                                       std::function<void()> task) override {
    return std::make_unique<Task>(loop_.after(delay, std::move(task)));
  }

 private:
  class Task final : public ScheduledTask {
   public:
    explicit Task(Timer timer) : timer_(std::move(timer)) {}

   private:
    Timer timer_;
  };
  EventLoop& loop_;
};

}  // namespace pawl
