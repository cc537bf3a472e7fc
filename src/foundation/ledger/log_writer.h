// The ledger's writer: batches of appends become durable, then visible, then acknowledged.
//
// Purpose:    owns the segments. One batch is one write and one sync; its checkpoint is signed
//             before the write and shown to nobody before the sync returned.
// Threading:  append() and request_snapshot() from any thread; one thread inside (or pump()).
// Ownership:  what the constructor is given outlives the writer. close() drains and joins.
// Errors:     kEvidenceUnavailable to every append after a failed write or sync, for ever; to
//             intents while the disk is nearly or quite full. kOverloaded: the queue is full.
// Full disk:  room for a batch is taken (zeros written) before anything of the batch counts.
//             Without room the intents are refused, and the entries wait: they state the outcome
//             of what was begun. When room comes back they are written first, and all goes on.
// Lost key:   a batch that the log's key does not sign waits, folded, and is signed before anything
//             else is written; meanwhile as on a full disk. look_for_room() tries it again.
// Low space:  an intent is taken only while the disk has room for its outcome, too (space_watch.h).
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "foundation/ledger/append_queue.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/log_tree.h"
#include "foundation/ledger/publisher.h"
#include "foundation/ledger/segment.h"
#include "foundation/ledger/space_watch.h"

namespace pawl::ledger {

class LogWriter {
 public:
  struct Parts {
    Files& files;
    std::string folder;
    Clock& clock;
    Executor executor;
    Options options;
    const NoteSigner& signer;
    LogTree& tree;
    Publisher& publisher;
  };
  LogWriter(Parts parts, LogState state, SegmentWriter segment);
  ~LogWriter();

  void append(Append append);
  void request_snapshot(std::uint64_t size, Snapshot snapshot);
  void look_for_room() { queue_.wake(); }
  void stop_waiting();
  void close();
  bool pump();  // Options::threads = false: what the thread would do once; false: nothing waited

  bool writable() const { return !failed_ && !space_.is_low() && !no_room_ && !not_signing_; }
  std::string closed_because() const;  // empty: intents are taken
  void hold(std::string why);          // empty: no longer; from any thread
  Ledger::Stats stats() const;
  std::vector<Intent> open_intents() const { return state_.intents.list(); }  // while it rests

 private:
  static constexpr std::string_view kClosed =
      "the ledger is closed for writing after a failed write";
  static constexpr std::string_view kFull = "there is no room on the disk of the ledger";

  struct Batch;
  void run();
  void write_batch(std::vector<Append>& appends);
  // False: there was no room; the entries are left in `appends`.
  bool try_batch(std::vector<Append>& appends);
  void finish(Batch batch, std::vector<Append> appends);
  void sign_waiting();
  Error why_closed() const;
  void serve(std::vector<Append>& appends);
  void refuse_waiting();
  void refuse_intents(std::vector<Append>& appends, const Error& error, std::size_t keep = 0);
  void close_for_writing(std::vector<Append>& appends, const Error& error);
  Batch lay_out(const std::vector<Append>& appends);
  Status make_room(std::size_t batch_bytes);
  void fold(Batch& batch, std::vector<Append>& appends);
  Status make_durable(const Batch& batch);
  Status sign_head(Batch& batch);
  void fail_all(std::vector<Append>& appends, const Error& error);
  void cut_snapshot();

  Parts parts_;
  LogState state_;         // owned by the thread
  SegmentWriter segment_;  // owned by the thread
  SpaceWatch space_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> no_room_ = false;
  std::atomic<bool> not_signing_ = false;
  std::atomic<bool> held_ = false;
  std::atomic<bool> patient_ = true;
  std::deque<std::vector<Append>> waiting_;  // for room, oldest first; owned by the thread
  std::unique_ptr<std::pair<Batch, std::vector<Append>>> unsigned_;  // owned by the thread
  std::atomic<std::uint64_t> entries_ = 0, intents_ = 0, batches_ = 0, syncs_ = 0, bytes_ = 0;
  std::atomic<std::uint64_t> refused_full_ = 0, failed_appends_ = 0, sync_us_ = 0;
  AppendQueue queue_;

  mutable Mutex mutex_;
  std::string held_because_ PAWL_GUARDED_BY(mutex_);
  std::string not_signing_because_ PAWL_GUARDED_BY(mutex_);
  std::optional<std::pair<std::uint64_t, Snapshot>> snapshot_ PAWL_GUARDED_BY(mutex_);
  bool closed_ PAWL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // not running without Options::threads
};

}  // namespace pawl::ledger
