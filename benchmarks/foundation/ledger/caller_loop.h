// Stands in for the I/O thread: the ledger's acknowledgements are run by one thread, in order.
//
// Threading:  post() from any thread; run_until() by one.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace pawl::bench {

class CallerLoop {
 public:
  void post(std::function<void()> work) {
    MutexLock lock(mutex_);
    waiting_.push_back(std::move(work));
    changed_.notify_one();
  }

  // Runs what is posted until `done` says true after a piece of work.
  void run_until(const std::function<bool()>& done) {
    std::vector<std::function<void()>> ready;
    while (!done()) {
      {
        MutexLock lock(mutex_);
        while (waiting_.empty()) {
          changed_.wait(mutex_);
        }
        ready.swap(waiting_);
      }
      for (const std::function<void()>& work : ready) {
        work();
      }
      ready.clear();
    }
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::function<void()>> waiting_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl::bench
