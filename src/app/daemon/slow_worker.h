// A thread of its own for what takes long: hashes of passwords.
//
// Purpose:    one at a time, so that many who sign in take the memory of one.
// Threading:  post() from one thread; tasks run on the worker's. Destroying it waits for the task
//             under way and drops the others.
// Errors:     post() false: kMost are waiting.
#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace pawl {

class SlowWorker {
 public:
  static constexpr std::size_t kMost = 32;

  SlowWorker();
  ~SlowWorker();
  SlowWorker(const SlowWorker&) = delete;
  SlowWorker& operator=(const SlowWorker&) = delete;

  [[nodiscard]] bool post(std::function<void()> task);

 private:
  void work();

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> waiting_ PAWL_GUARDED_BY(mutex_);
  bool ending_ PAWL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pawl
