// The index of all records in a running daemon: kept up to date by a thread of its own, asked for
// single records by the I/O thread.
//
// Purpose:    parents that a token names are found among all records, of frozen logs too, by point
//             look-ups; nothing is scanned where calls are answered.
// Threading:  find(), look_up() and log_switched() on the I/O thread. The thread is of lowest
//             priority; it looks once a second whether a checkpoint was published, and reads what
//             is new. The destructor ends it after the transaction it is in.
// Ownership:  files outlives it.
// Errors:     none upward: what cannot be read is logged, and counts as not there.
// Not errors: a record of the last seconds, or of before a start whose index is still being built:
//             not there yet. The newest ones are known from memory (gateway/recorded_tasks.h).
// Source:     docs/formats/index.md, "In the daemon".
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/daemon/data_folder.h"
#include "base/files.h"
#include "base/mutex.h"
#include "gateway/recorded_tasks.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

class IndexedRecords {
 public:
  IndexedRecords(Files& files, DataFolder folder,
                 std::chrono::milliseconds every = std::chrono::seconds(1));
  ~IndexedRecords();

  std::optional<store::RecordRow> find(const Uuid& id);
  // The same as the gateway wants it.
  std::optional<RecordedTask> look_up(const Uuid& id);
  // Of one agent in the log in use, newest first; empty also while nothing can be read.
  std::vector<store::RecordRow> newest_of(const std::string& agent, std::size_t most);
  // Whether all that was published when this last looked can be found.
  bool ready() const { return can_read_ && is_complete_; }
  // The log in use was frozen as `number`: its index goes with it.
  void log_switched(std::uint64_t number);
  // All that was recorded before is in the index, or cannot be. For tests.
  void wait_until_current();

 private:
  using Index = std::unique_ptr<store::RecordIndex>;

  void work();
  void complete_frozen(std::uint64_t number);
  bool take_in(Index& index);
  void follow_switch(Index& index, std::uint64_t number);
  void open_readers();
  static RecordedTask task_of(const store::RecordRow& row);
  using Find = Result<std::optional<store::RecordRow>> (store::RecordIndex::*)(const Uuid&);
  std::optional<store::RecordRow> find_by(Find how, const Uuid& id);

  Files& files_;
  const DataFolder folder_;
  const std::chrono::milliseconds every_;
  Index reader_;                           // of the log in use; the I/O thread's
  std::map<std::uint64_t, Index> frozen_;  // of the frozen ones; the I/O thread's
  std::atomic<bool> ending_ = false;
  std::atomic<bool> can_read_ = false;  // the files stand where they belong
  std::atomic<bool> is_complete_ = false;
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::uint64_t> switched_ PAWL_GUARDED_BY(mutex_);  // logs whose index is to follow
  std::uint64_t passes_ PAWL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace pawl
