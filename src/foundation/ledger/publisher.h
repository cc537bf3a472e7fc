// Writes the published checkpoint and the snapshots, beside the writer.
//
// Purpose:    their syncs do not delay a batch. A checkpoint is published at most once per
//             interval, and the last one when the ledger closes; of snapshots only the newest is
//             written.
// Threading:  head() and snapshot() from any thread, never blocking. One thread inside.
// Ownership:  Files, signer, clock and tiles outlive it. The destructor finishes what it was given.
// Errors:     none upward: a checkpoint that could not be written is tried again with the next.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/files.h"
#include "base/mutex.h"
#include "foundation/ledger/snapshot.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

class Publisher {
 public:
  // `head_file`: also gets what was published; empty: none.
  Publisher(Files& files, std::string folder, std::string head_file, const NoteSigner& signer,
            Clock& clock, std::chrono::milliseconds every, Tiles& tiles, bool threads = true);
  ~Publisher();

  void head(const std::string& note);    // of a durable tree
  void snapshot(SnapshotFile snapshot);  // its root is filled in here
  void pump();                           // without a thread: what it would do now
  std::string published() const;         // the published checkpoint; empty: none yet
  std::uint64_t head_file_failures() const { return head_file_failures_; }

 private:
  void run();
  // Takes what is due. False: nothing.
  bool take(std::optional<std::string>& head, std::optional<SnapshotFile>& snapshot)
      PAWL_REQUIRES(mutex_);
  void write(std::optional<std::string> head, std::optional<SnapshotFile> snapshot);
  void publish(const std::string& note);
  void keep_outside(const std::string& note);  // in the head file
  void write_snapshot(SnapshotFile snapshot);
  bool is_due() const PAWL_REQUIRES(mutex_);

  Files& files_;
  const std::string folder_;
  const std::string head_file_;
  const NoteSigner& signer_;
  Clock& clock_;
  const std::chrono::milliseconds every_;
  Tiles& tiles_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::optional<std::string> head_ PAWL_GUARDED_BY(mutex_);
  std::optional<SnapshotFile> snapshot_ PAWL_GUARDED_BY(mutex_);
  std::optional<BootTime> last_ PAWL_GUARDED_BY(mutex_);  // of the last publication
  std::string published_ PAWL_GUARDED_BY(mutex_);
  bool closing_ PAWL_GUARDED_BY(mutex_) = false;
  std::atomic<std::uint64_t> head_file_failures_ = 0;
  std::thread thread_;
};

}  // namespace pawl::ledger
