// Runs posted work on the test's thread when asked, and timers when told: nothing happens by
// itself.
//
// Threading:  post() from any thread; the rest on the test's thread.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/scheduler.h"

namespace pawl::powercut {

class StepScheduler final : public Scheduler {
 public:
  void post(std::function<void()> task) override {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds,
                                       std::function<void()> task) override {
    auto shared = std::make_shared<std::function<void()>>(std::move(task));
    timers_.push_back(shared);
    return std::make_unique<Held>(shared);
  }
  // What is posted now, in order, and what that posts. False: there was nothing.
  bool run_ready() {
    bool any = false;
    while (std::function<void()> task = take()) {
      task();
      any = true;
    }
    return any;
  }
  void fire_timers() {
    for (const auto& timer : std::exchange(timers_, {})) {
      if (*timer) {
        std::exchange(*timer, nullptr)();
      }
    }
  }

 private:
  struct Held final : ScheduledTask {
    explicit Held(std::shared_ptr<std::function<void()>> timer) : task(std::move(timer)) {}
    ~Held() override { *task = nullptr; }
    std::shared_ptr<std::function<void()>> task;
  };
  std::function<void()> take() {
    MutexLock lock(mutex_);
    if (tasks_.empty()) {
      return nullptr;
    }
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  Mutex mutex_;
  std::deque<std::function<void()>> tasks_ PAWL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<std::function<void()>>> timers_;
};

}  // namespace pawl::powercut
