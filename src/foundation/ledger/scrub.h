// One pass of the scrub: everything that the ledger holds is read again, slice by slice.
//
// Purpose:    find bytes that rotted while nobody read them. Frames (check, order, batches), leaf
//             hashes against every checkpoint (one signature a segment) and the running tree, the
//             published checkpoint, the snapshot, derived tiles and bundles.
// Threading:  one thread at a time, beside a running Ledger. Nothing here waits or sleeps: who
//             calls step() decides when.
// Ownership:  Files (and the Ledger that made the pass) outlive it.
// Memory:     the right edge of the tree, one bundle, one window of a segment.
// Errors:     step(): kBadSignature: damage(), which the segments cannot heal: the pass ends here;
//             kIo: a file could not be opened, nothing is proven, try again later.
// Not errors: a derived file that is missing or differs: it is written again (repaired()); a
//             snapshot that does not fit: snapshot_damaged(), the log itself is whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/uuid.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/pruned_tree.h"
#include "foundation/ledger/segment.h"
#include "foundation/ledger/tile_edge.h"

namespace pawl::ledger {

// The first bad thing of a pass.
struct Damage {
  std::string file;          // "segments/000000000003.seg", "checkpoint"
  std::uint64_t offset = 0;  // in the file
  std::uint64_t index = 0;   // of the entry there, or of the next one
  std::string id;            // as the damaged bytes give it; empty: unreadable, or not of an entry
  std::string what;
  std::string text() const;  // one line with all of it
};

class ScrubPass {
 public:
  struct Parts {
    Files& files;
    std::string folder;   // DATA/ledger
    VerifierKey log_key;  // of the checkpoints
    Position end;         // durable; everything before it must be whole
    // Root of the running tree at a size; empty when no daemon's tree is at hand.
    std::function<Result<Digest>(std::uint64_t size)> tree_root;
    std::string torn;  // what a scan met at `end`; empty: nothing, or a daemon writes there
  };
  explicit ScrubPass(Parts parts) : parts_(std::move(parts)) {}

  // Reads about `bytes` more; returns how many it read. Call until done().
  Result<std::size_t> step(std::size_t bytes);
  bool done() const { return phase_ == Phase::kDone; }
  const Position& at() const { return at_; }
  const Position& end() const { return parts_.end; }
  const std::optional<Damage>& damage() const { return damage_; }
  std::uint64_t repaired() const { return repaired_; }
  bool snapshot_damaged() const { return snapshot_damaged_; }

 private:
  enum class Phase { kStart, kPruned, kHeader, kFrames, kZeros, kHeads, kDone };
  Status advance();
  Status begin_at_minimum();
  Status read_published();
  Status read_pruned_tiles();
  Status read_base();
  Status check_statement();
  Status read_header();
  Status read_frames();
  Status read_zeros();
  Status read_heads();
  Status take_frame(std::string_view bytes);
  Status take_entry(std::string_view token);
  Status take_checkpoint(std::string_view note);
  Status compare_derived(const TileName& name, const std::string& bytes);
  Status check_root(const std::string& file, const std::string& name, std::uint64_t size,
                    const Digest& root, const std::optional<Digest>& seen);
  Result<std::string_view> window(std::size_t wanted);
  Status bad(std::string what, std::string_view frame = {});
  Status bad_file(const std::string& file, std::string what);

  Parts parts_;
  Phase phase_ = Phase::kStart;
  Position at_;
  TileEdge edge_;
  std::optional<Minimum> minimum_;  // of a pruned log: its entries begin here
  std::unique_ptr<PrunedTree> pruned_;
  std::string kept_hash_, statement_;  // of what is kept; the record that states it
  std::uint64_t next_tile_ = 0;        // of the pruned ones
  std::vector<std::string> partial_;   // entries of the unfinished bundle
  std::string note_;                   // the last checkpoint that fits
  std::uint64_t verified_in_ = 0;      // segment of the last checkpoint whose signature was checked
  bool in_batch_ = false;

  std::unique_ptr<File> file_;
  std::uint64_t window_at_ = 0;
  std::string window_;
  bool window_is_last_ = false;  // the file ends with it

  std::string published_;  // the note; empty: none
  std::uint64_t published_size_ = 0, snapshot_size_ = 0;
  Digest snapshot_root_{};
  bool has_snapshot_ = false;
  std::optional<Digest> published_seen_, snapshot_seen_;  // roots of the entries at those sizes

  std::size_t read_ = 0;  // bytes of this step
  std::uint64_t repaired_ = 0;
  bool snapshot_damaged_ = false;
  std::optional<Damage> damage_;
};

// A pass over a ledger that no daemon writes. Errors: kBadSignature (its last segment does not
// read), kNotFound, kIo, kMalformed (log.vkey).
Result<std::unique_ptr<ScrubPass>> scrub_folder(Files& files, const std::string& folder);

}  // namespace pawl::ledger
