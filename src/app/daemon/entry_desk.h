// Reads entry bundles for those who follow the log, on a thread of its own.
//
// Purpose:    a bundle may lie at the end of a segment that has to be read first, on a disk that is
//             as slow as it is: nothing of that may stand on the I/O thread.
// Threading:  ask() on the I/O thread; `done` there, too. The thread begins with the first ask().
// Ownership:  what the parts name outlives it. The destructor joins; what still waits is dropped.
// Errors:     kNotFound (not in the log as it is now, or no entry bundle), kOverloaded (kMaxWaiting
//             wait), and those of ledger/entry_reader.h.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "base/files.h"
#include "base/mutex.h"
#include "base/scheduler.h"
#include "foundation/ledger/tile_path.h"

namespace pawl {

class EntryDesk {
 public:
  static constexpr std::size_t kMaxWaiting = 64;
  using Done = std::function<void(Result<std::string> bundle)>;

  EntryDesk(Files& files, Scheduler& scheduler) : files_(files), scheduler_(scheduler) {}
  ~EntryDesk();

  // A log is its name, too: the next one stands in the folder of the one before.
  struct Log {
    std::string name, folder;
    std::uint64_t size = 0;  // durable entries
  };
  void ask(const Log& log, const ledger::TileName& bundle, const Done& done);

 private:
  struct Question {
    Log log;
    std::uint64_t first = 0, count = 0;
    Done done;
  };
  bool put(Question question);  // false: too many wait
  void run();

  Files& files_;
  Scheduler& scheduler_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Question> waiting_ PAWL_GUARDED_BY(mutex_);
  bool ending_ PAWL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pawl
