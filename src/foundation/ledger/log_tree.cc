#include "foundation/ledger/log_tree.h"

#include "foundation/ledger/tlog_proof.h"

namespace pawl::ledger {

LogTree::LogTree(Files& files, const std::string& folder, const LogState& state, Checkpoint head,
                 std::optional<Pruned> pruned)
    : edge_(state.edge),
      partial_(state.partial),
      head_(std::move(head)),
      end_(state.at),
      tiles_(files, folder,
             [this](unsigned height, std::uint64_t index) {
               MutexLock lock(mutex_);
               return edge_.node(height, index);
             }),
      pruned_(std::move(pruned)) {}

void LogTree::add(const Added& added, std::vector<std::string> tokens, Checkpoint head,
                  const Position& end) {
  // The files first: what leaves the edge is looked for there.
  for (const FullTile& tile : added.tiles) {
    tiles_.store(tile);
  }
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    edge_.append(added.leaves[i]);
    partial_.push_back(std::move(tokens[i]));
    if (partial_.size() == kTileWidth) {
      partial_.clear();
    }
  }
  head_ = std::move(head);
  end_ = end;
}

Position LogTree::end() const {
  MutexLock lock(mutex_);
  return end_;
}

Checkpoint LogTree::latest() const {
  MutexLock lock(mutex_);
  return head_;
}

std::uint64_t LogTree::size() const {
  MutexLock lock(mutex_);
  return head_.size;
}

// Of those that were pruned, as the tree has it.
Result<std::string> LogTree::kept_entry(std::uint64_t index) {
  const auto found = pruned_->kept.find(index);
  if (found == pruned_->kept.end()) {
    return fail(Code::kNotFound, pruned_text(index, pruned_->minimum));
  }
  const Status same = check_leaf(tiles_, index, found->second);
  return same ? Result<std::string>(found->second) : fail(same.error());
}

Result<std::string> LogTree::entry(std::uint64_t index) {
  if (pruned_ && index < pruned_->minimum.index) {
    return kept_entry(index);
  }
  {
    MutexLock lock(mutex_);
    const std::uint64_t first = edge_.size() - partial_.size();
    if (index >= edge_.size()) {
      return fail(Code::kNotFound, "no entry " + std::to_string(index) + ": the log has " +
                                       std::to_string(edge_.size()));
    }
    if (index >= first) {
      return partial_[index - first];
    }
  }
  Result<Tiles::Bundle> bundle = tiles_.bundle(index / kTileWidth);
  if (!bundle) {
    return fail(bundle.error());
  }
  return (**bundle)[index % kTileWidth];
}

Result<std::string> LogTree::receipt(std::uint64_t index, const Checkpoint& head) {
  if (index >= head.size) {
    return fail(Code::kNotFound,
                "no entry " + std::to_string(index) + ": the log has " + std::to_string(head.size));
  }
  Result<Proof> path = prove_inclusion(tiles_, index, head.size);
  if (!path) {
    return fail(path.error());
  }
  return print_proof(
      {.extra = {}, .index = index, .path = std::move(*path), .checkpoint = head.note});
}

Result<Proof> LogTree::consistency(std::uint64_t old_size, std::uint64_t size) {
  if (size > this->size()) {
    return fail(Code::kInvalidParams, "the log has " + std::to_string(this->size()) + " entries");
  }
  return prove_consistency(tiles_, old_size, size);
}

Result<std::string> LogTree::tile(const TileName& name) {
  const std::uint64_t tree = size();
  const unsigned level = name.level.value_or(0);
  const std::uint64_t row = level > 7 ? 0 : tree >> (kTileHeight * level);  // hashes at the level
  if (name.index > row / kTileWidth || name.index * kTileWidth + name.width > row) {
    return fail(Code::kNotFound,
                "not in the tree of size " + std::to_string(tree) + ": " + print_tile_path(name));
  }
  const std::uint64_t first = name.index * kTileWidth;
  if (!name.level) {
    return bundle(name, first);
  }
  std::vector<Digest> hashes;
  for (std::uint64_t i = first; i < first + name.width; ++i) {
    Result<Digest> hash = tiles_.node(level * kTileHeight, i);
    if (!hash) {
      return fail(hash.error());
    }
    hashes.push_back(*hash);
  }
  return print_hashes(hashes);
}

Result<std::string> LogTree::bundle(const TileName& name, std::uint64_t first) {
  std::vector<std::string> entries;
  for (std::uint64_t i = first; i < first + name.width; ++i) {
    Result<std::string> bytes = entry(i);
    if (!bytes) {
      return bytes;
    }
    entries.push_back(std::move(*bytes));
  }
  return print_bundle(entries);
}

}  // namespace pawl::ledger
