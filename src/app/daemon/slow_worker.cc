#include "app/daemon/slow_worker.h"

#include "base/limit_stat.h"

namespace pawl {
namespace {

LimitStat most_waiting("sign_ins_waiting");

}  // namespace

SlowWorker::SlowWorker() : thread_([this] { work(); }) {}

SlowWorker::~SlowWorker() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool SlowWorker::post(std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    if (waiting_.size() >= kMost) {
      most_waiting.reached();
      return false;
    }
    waiting_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void SlowWorker::work() {
  while (true) {
    std::function<void()> task;
    {
      const MutexLock lock(mutex_);
      while (waiting_.empty() && !ending_) {
        changed_.wait(mutex_);
      }
      if (ending_) {
        return;
      }
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    task();
  }
}

}  // namespace pawl
