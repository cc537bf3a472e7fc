// What a pass of the scrub reads of a pruned log before its first entry.
#include "foundation/ledger/pruned_record.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/scrub.h"
#include "foundation/ledger/snapshot.h"

namespace pawl::ledger {

// Of a pruned log the tiles below the minimum index are no cache: nothing else has those hashes.
Status ScrubPass::begin_at_minimum() {
  const Result<std::optional<Pruned>> pruned = read_pruned(parts_.files, parts_.folder);
  if (!pruned) {
    return pruned.error().code == Code::kBadSignature ? bad_file("minimum", pruned.error().message)
                                                      : Status(fail(pruned.error()));
  }
  if (!*pruned) {
    return {};
  }
  minimum_ = (*pruned)->minimum;
  Result<std::unique_ptr<PrunedTree>> tree =
      PrunedTree::open(parts_.files, parts_.folder, minimum_->index);
  if (!tree) {
    return bad_file("tile", tree.error().message);
  }
  pruned_ = *std::move(tree);
  kept_hash_ = (*pruned)->kept_hash;
  edge_ = pruned_->edge();
  at_ = minimum_->at;
  phase_ = Phase::kPruned;
  for (const auto& [index, token] : (*pruned)->kept) {
    if (const Status same = check_leaf(pruned_->tiles(), index, token); !same) {
      return bad_file("kept." + std::to_string(minimum_->record_index), same.error().message);
    }
  }
  return read_base();
}

Status ScrubPass::read_base() {
  const std::string path = base_path(parts_.folder, minimum_->record_index);
  const Result<std::string> bytes = read_file(parts_.files, path, kMaxSnapshotBytes);
  const Result<SnapshotFile> base =
      bytes ? open_snapshot(*bytes, parts_.log_key) : Result<SnapshotFile>(fail(bytes.error()));
  return base && base->size == minimum_->record_index
             ? Status{}
             : bad_file("base." + std::to_string(minimum_->record_index),
                        base ? "is of another size" : base.error().message);
}

// Behind the last entry.
Status ScrubPass::check_statement() {
  if (!minimum_) {
    return {};
  }
  const Result<PrunedRecord> said = check_pruned(statement_, {*minimum_, {}, kept_hash_});
  return said ? Status{} : bad_file("minimum", said.error().message);
}

Status ScrubPass::read_pruned_tiles() {
  if (next_tile_ * kTileWidth >= minimum_->index) {
    phase_ = Phase::kHeader;
    return {};
  }
  const Result<std::vector<Digest>> tile = pruned_->tiles().tile(0, next_tile_);
  read_ += kTileWidth * Digest{}.size();
  ++next_tile_;
  return tile ? Status{} : bad_file("tile", tile.error().message);
}

}  // namespace pawl::ledger
