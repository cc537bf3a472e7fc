// Checks the entries and checkpoints of a log while it is read: one signature each, on all cores.
//
// Purpose:    the costly part of verification. Whoever reads the log hands over what it reads;
// other
//             threads check it meanwhile, in chunks, and what they found is noted in the log's
//             order. The reading thread helps when it is ahead, so that no core waits.
// Threading:  a LogChecker by one thread. It starts threads of its own when there is work for them,
//             one less than there are cores, and ends them with itself.
// Once:       each signature is checked once. Only that of an entry whose key another entry let
//             begin a moment before (a rotation) may have to wait for it, and is then checked by
//             the reading thread.
// Memory:     kOpenItems items for each core at most, and 24 bytes for each entry seen (to find one
//             id twice).
// Source:     docs/performance.md, "verify".
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/uuid.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/token_check.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {

class SignerCheck;

class LogChecker {
 public:
  static constexpr std::size_t kOpenItems = 1024;

  // `trust`, `log_key` and what `look` refers to outlive it; null: no signature is checked.
  LogChecker(const Trust* trust, const VerifierKey* log_key, EntryLook look);
  ~LogChecker();

  void add_entry(std::uint64_t index, const std::optional<Uuid>& frame_id, std::string_view token);
  void add_checkpoint(std::uint64_t size, std::string_view note);
  void finish();  // all that was added is noted
  // After finish(): the first entry whose id an earlier one has.
  void find_duplicates();

  const std::string& first_bad() const { return first_bad_; }  // empty: none
  const std::string& first_unknown() const { return first_unknown_; }
  void fill(Report& report) const;

 private:
  struct Item {
    std::uint64_t number = 0;  // entry index, or checkpoint size
    bool is_checkpoint = false;
    std::optional<Uuid> frame_id;
    std::string bytes;
    TokenCheck check;
  };
  struct Chunk {
    std::vector<Item> items;
    std::size_t bytes = 0;
    bool done = false;
  };

  void add(Item item);
  void submit();
  void drain(std::size_t most_open);  // until at most so many chunks are open
  std::unique_ptr<Chunk> take_done_front();
  Chunk* take_waiting() PAWL_REQUIRES(mutex_);
  void work();
  void check(Chunk& chunk) const;
  TokenCheck checked(const Item& item) const;
  void note(Item& item);

  const Trust* trust_;
  const VerifierKey* log_key_;
  const EntryLook look_;
  const std::unique_ptr<SignerCheck> signers_;
  const std::size_t cores_;

  Chunk next_;  // being filled
  Mutex mutex_;
  CondVar work_, done_;
  std::deque<std::unique_ptr<Chunk>> open_ PAWL_GUARDED_BY(mutex_);  // in the log's order
  std::deque<Chunk*> waiting_ PAWL_GUARDED_BY(mutex_);               // of these: nobody took them
  bool ending_ PAWL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;

  std::string last_note_;
  std::vector<std::pair<Uuid, std::uint64_t>> ids_;
  std::string first_bad_;
  std::string first_unknown_;
  std::uint64_t entries_ = 0;
  std::uint64_t verified_ = 0;
  std::map<std::string, std::uint64_t> outcomes_;
};

}  // namespace pawl::ledger
