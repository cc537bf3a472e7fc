// A thread of its own for what people look at: searches of the index, entries of the ledger, rules
// that are tried out.
//
// Purpose:    none of it may stand on the I/O thread: a disk is as slow as it is, and a set of
// rules
//             as large as somebody makes it.
// Threading:  ask() on the I/O thread; `work` on the desk's thread, one after the other; `done` on
//             the I/O thread, unless the desk is gone by then. The thread begins with the first
//             ask().
// Ownership:  the scheduler outlives it. What `work` uses does, too: the destructor waits for the
//             one under way and drops the others. No part of a connection is on the thread.
// Errors:     kOverloaded: kMostWaiting wait.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "base/json.h"
#include "base/mutex.h"
#include "base/scheduler.h"

namespace pawl {

class ReadDesk {
 public:
  static constexpr std::size_t kMostWaiting = 64;
  using Answer = Result<json::Object>;
  using Work = std::function<Answer()>;
  using Done = std::function<void(Answer)>;

  explicit ReadDesk(Scheduler& scheduler) : scheduler_(scheduler) {}
  ~ReadDesk();
  ReadDesk(const ReadDesk&) = delete;
  ReadDesk& operator=(const ReadDesk&) = delete;

  void ask(Work work, Done done);

 private:
  struct Question {
    std::uint64_t number = 0;
    Work work;
  };
  bool put(Question question);  // false: too many wait
  void run();
  void answered(std::uint64_t number, Answer answer);

  Scheduler& scheduler_;
  std::map<std::uint64_t, Done> open_;  // by number
  std::uint64_t next_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Mutex mutex_;
  CondVar changed_;
  std::deque<Question> waiting_ PAWL_GUARDED_BY(mutex_);
  bool ending_ PAWL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pawl
