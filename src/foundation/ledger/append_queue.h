// The bounded queue before the ledger's writer, and when a batch starts.
//
// Purpose:    group commit. A batch starts when the writer is free and as many appends wait as
//             callers are likely to bring (the recent batches tell), at the latest when nothing
//             came for `batch_wait` while the path had nothing to do, and at the very latest twenty
//             times `batch_wait` after the first. One caller alone never waits; sixteen share one
//             sync. A path that works brings more, and has no use for a core taken by the writer.
// Threading:  push() and wake() from any thread; take() by the writer thread.
// Not errors: an empty batch: somebody called wake().
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "foundation/ledger/ledger.h"

namespace pawl::ledger {

struct Append {
  Uuid id;
  std::string bytes;
  bool closes_intent = false;
  // Exactly one is set: an intent, or an entry.
  std::function<void(Status)> intent_done;
  std::function<void(Result<EntryRef>)> entry_done;
  bool carried = false;  // an intent that is not refused for want of room

  bool is_intent() const { return static_cast<bool>(intent_done); }
};

// How long nothing has come and the path has had nothing to do. Pure.
class Quiet {
 public:
  using Steady = std::chrono::steady_clock;
  Quiet(std::chrono::microseconds wait, std::uint64_t turns)
      : wait_(wait), look_(kFirstLook * wait), seen_(turns) {}
  // last: when something came. When the batch starts, if nothing happens until then; while the path
  // works: when to look again.
  Steady::time_point look_again(Steady::time_point last, std::uint64_t turns,
                                Steady::time_point now);

 private:
  // In waits: the writer looks rarely while the path works.
  static constexpr int kFirstLook = 4;
  static constexpr int kLongestLook = 8;

  const std::chrono::microseconds wait_;
  std::chrono::microseconds look_;
  std::uint64_t seen_;
  Steady::time_point since_;
};

class AppendQueue {
 public:
  // turns: Options::path_turns.
  AppendQueue(std::size_t capacity, std::size_t batch_entries, std::chrono::microseconds batch_wait,
              std::size_t batch_bytes, std::function<std::uint64_t()> turns)
      : capacity_(capacity),
        batch_entries_(batch_entries),
        batch_wait_(batch_wait),
        batch_bytes_(batch_bytes),
        turns_(std::move(turns)) {}

  // False: full or closed; `append` is left as it was.
  bool push(Append& append);
  void wake();
  void close();
  // Waits for a batch of at least one append whose frames take at most batch_bytes. False: closed
  // and drained.
  bool take(std::vector<Append>& batch);
  // The same without waiting. False: nothing waits.
  bool take_waiting(std::vector<Append>& batch);
  std::size_t depth() const;

 private:
  using Steady = std::chrono::steady_clock;
  std::size_t wanted() const PAWL_REQUIRES(mutex_);
  void fill(std::vector<Append>& batch) PAWL_REQUIRES(mutex_);

  const std::size_t capacity_;
  const std::size_t batch_entries_;
  const std::chrono::microseconds batch_wait_;
  const std::size_t batch_bytes_;
  const std::function<std::uint64_t()> turns_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Append> waiting_ PAWL_GUARDED_BY(mutex_);
  bool closed_ PAWL_GUARDED_BY(mutex_) = false;
  bool woken_ PAWL_GUARDED_BY(mutex_) = false;
  Steady::time_point first_at_ PAWL_GUARDED_BY(mutex_);  // when waiting_ stopped being empty
  Steady::time_point last_at_ PAWL_GUARDED_BY(mutex_);   // of the newest append
  std::size_t expected_ PAWL_GUARDED_BY(mutex_) = 1;     // callers, as recent batches tell
};

}  // namespace pawl::ledger
