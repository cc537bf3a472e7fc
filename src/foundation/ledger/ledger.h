// The append-only record of everything (design, section 3: the ledger is the database).
//
// Purpose:    makes intents and entries durable in batches (one durable write a batch), keeps the
//             Merkle tree over entries, signs a checkpoint per batch, hands out receipts.
// Threading:  append_*() from any thread; they never block and call `done` through the Executor
//             given at open (normally a post to the I/O thread), in the order of appending; a
//             refused append (too large, queue full) is answered at once, before earlier ones.
//             Inside: one writer thread, and one that publishes checkpoints and writes snapshots.
//             The read functions may be called from any thread.
// Ownership:  Files, Clock and keys outlive the Ledger. ~Ledger drains what was appended.
// Errors:     kEvidenceUnavailable after a failed write or sync, and from then on for every append
//             (the ledger is then closed for writing until a restart; never "retry and hope");
//             kOverloaded when the bounded queue is full: the append did not happen.
//             kTooLarge, kInvalidParams (empty, or a NUL byte): this append alone is refused.
//             Without room for a batch nothing of it was written: its intents are refused with
//             kEvidenceUnavailable, its entries wait until there is room (or are refused at the
//             end); then the ledger goes on by itself. While held, intents are refused alike.
// Not errors: an intent without an outcome (recovery returns it).
//
// Example:
//   ledger.append_intent({id, body}, [](Status durable) { ... forward only if durable ... });
//   ledger.append_entry({jws, id}, [](Result<EntryRef> recorded) { ... release the answer ... });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "base/uuid.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::ledger {

class ScrubPass;

// What is durable before an effect. `body` is JSON text (docs/formats/intent.md), at most 16 KiB.
struct Intent {
  Uuid id;
  std::string body;
  bool carried = false;  // open in the log before (renewal.h): taken also while others are refused
};

// One leaf: the exact bytes of a signed token, at most 65,535 (the tlog-tiles bundle limit).
struct Entry {
  std::string token;           // JWS compact
  Uuid id;                     // its jti
  bool closes_intent = false;  // the intent of the same id has its outcome now
};

struct EntryRef {
  std::uint64_t index = 0;  // position in the log, from 0
};

// A signed tree head that covers every entry below `size` (C2SP tlog-checkpoint).
struct Checkpoint {
  std::uint64_t size = 0;
  Digest root{};
  std::string note;  // the signed note, exact bytes
};

struct Options {
  std::string origin;                     // checkpoint origin: "example.org/pawl/NODE"
  std::size_t segment_bytes = 16u << 20;  // 128 KiB..1 GiB; a batch never spans two
  std::size_t max_queue = 65'536;         // entries and intents waiting
  std::chrono::microseconds batch_wait{200};
  std::size_t batch_entries = 512;
  // Of the path that appends: odd while it works, another number after each pause. From any thread.
  // Without one the path counts as idle whenever nothing comes.
  std::function<std::uint64_t()> path_turns = [] { return std::uint64_t{0}; };
  std::chrono::milliseconds publish_every{1000};  // the published checkpoint file
  // Low-space watermark: below it, and the room for the outcomes of all open intents, intents are
  // refused and writable() is false; entries, which state the outcome of what was already begun, go
  // on into the reserve. Two MiB are the least that covers a segment that is begun meanwhile.
  std::uint64_t reserve_bytes = 64u << 20;
  // A file outside the data folder that keeps the newest published checkpoint (head_file.h); empty:
  // none. A ledger that is older than it, or another one, is not opened.
  std::string head_file;
  // The log that this one goes on from (renewal.h): until something is published here, the head
  // file may still hold a checkpoint of it up to this size. Empty: none.
  std::string origin_before;
  std::uint64_t size_before = 0;
  // false: no threads inside; whoever appends also calls pump(). For simulations, where one seed
  // must give one log.
  bool threads = true;
};

// What opening found; shown by `pawl status` and logged.
struct Recovery {
  std::uint64_t size = 0;            // entries after recovery
  std::vector<Intent> open_intents;  // no outcome: to become `unknown` records
  std::uint64_t torn_bytes = 0;      // unacknowledged tail that was discarded
  bool from_snapshot = false;
  std::uint64_t replayed = 0;  // entries replayed after the snapshot
};

using Executor = std::function<void(std::function<void()>)>;
// Replays decisions: called once for every entry after the snapshot, in log order.
using ApplyEntry = std::function<void(std::uint64_t index, std::string_view token)>;

// Decision state kept beside the log (design: a fold with signed snapshots). The ledger stores
// `state` with the tree size and root it belongs to, signed by the log key.
struct Snapshot {
  std::uint32_t fold_version = 0;
  std::string state;  // JSON text
};

class Ledger {
 public:
  // Opens or creates DATA/ledger. Order: snapshot (discarded on any mismatch), tail, last
  // checkpoint. `load_state` gets the snapshot's state before the first apply, if one is usable.
  // Errors: kConflict (the folder is of another log, or older than the head file), kInvalidParams
  // (options), kBadSignature (the
  //         log was altered: names the first bad thing), kUnsupported (a newer format), kIo.
  static Result<std::unique_ptr<Ledger>> open(Files& files, const std::string& folder,
                                              const SigningKey& log_key, Clock& clock,
                                              Executor executor, const Options& options,
                                              std::uint32_t fold_version,
                                              std::function<bool(std::string_view)> load_state,
                                              ApplyEntry apply, Recovery& recovery);
  ~Ledger();

  void append_intent(Intent intent, std::function<void(Status)> done);
  void append_entry(Entry entry, std::function<void(Result<EntryRef>)> done);
  // Stores a snapshot of the decisions as of `size` entries; best effort, never an error upward.
  void save_snapshot(std::uint64_t size, Snapshot snapshot);

  // Options::threads = false only: writes what waits as one batch, answers it, publishes what is
  // due. False: nothing waited.
  bool pump();

  bool writable() const;  // false after a failed write, and while there is no room on the disk
  // Why no new governed action may begin; empty: it may. Entries go on where they can.
  std::string closed_because() const;
  // Damage was found in what is recorded: held until release(). From any thread.
  void hold(std::string why);
  void release();
  // Looks again whether there is room. Called about once a second: without appends nobody else
  // would see that space came back.
  void look_for_room();
  // The end is near: what waits for room, and what would from now on, is refused.
  void stop_waiting();
  // Intents without outcome. Only while nothing that was appended waits for its answer.
  std::vector<Intent> open_intents() const;
  std::uint64_t size() const;  // durable entries
  Checkpoint latest() const;   // covers every durable entry

  // Reads a durable entry. kNotFound beyond the end, and for what was pruned.
  Result<std::string> entry(std::uint64_t index) const;
  // The receipt: a C2SP tlog-proof of the entry against the latest checkpoint, or against an
  // earlier one of this log.
  Result<std::string> receipt(std::uint64_t index) const;
  Result<std::string> receipt(std::uint64_t index, const Checkpoint& head) const;
  // Shows that the tree of `size`, at most size(), extends that of `old_size`, at least 1.
  Result<std::vector<Digest>> consistency(std::uint64_t old_size, std::uint64_t size) const;
  Result<Digest> root_at(std::uint64_t size) const;  // of the tree of its first entries
  // Entries below it were pruned, but for those that state what is in force (minimum.h). 0: none.
  std::uint64_t minimum_index() const;
  const std::string& vkey() const;  // of this log
  // Before entries below `to` are pruned (pruning.h); `from`: the minimum index until now.
  Status keep_tiles(std::uint64_t from, std::uint64_t to);
  // Reads everything again that is durable now (scrub.h).
  std::unique_ptr<ScrubPass> scrub() const;
  // tlog-tiles resources, path below the log's prefix: "checkpoint", "tile/0/x001/234",
  // "tile/entries/000.p/5", and "minimum" of a pruned log. kNotFound for others.
  Result<std::string> resource(std::string_view path) const;

  struct Stats {
    std::uint64_t entries = 0, intents = 0, batches = 0, syncs = 0, bytes = 0, queue = 0;
    std::uint64_t refused_full = 0, failed = 0;
    std::uint64_t free_bytes = 0, reserve_bytes = 0;  // of the disk; what is kept of it now
    std::uint64_t log_bytes = 0;                      // of its segments, from the first kept on
    std::uint64_t head_file_failures = 0;
    double sync_seconds_total = 0;
  };
  Stats stats() const;

 private:
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::ledger
