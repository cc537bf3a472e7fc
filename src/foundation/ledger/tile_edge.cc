#include "foundation/ledger/tile_edge.h"

namespace pawl::ledger {
namespace {

// Tiles of this level that are full in a tree of `size`.
std::uint64_t full_tiles(std::uint64_t size, std::size_t level) {
  const std::size_t shift = kTileHeight * (level + 1);
  return shift >= 64 ? 0 : size >> shift;
}

}  // namespace

void add_to_rows(TileRows& rows, const Digest& hash) {
  rows[0].push_back(hash);
  for (unsigned row = 0; row < kTileHeight && rows[row].size() % 2 == 0; ++row) {
    const std::vector<Digest>& below = rows[row];
    rows[row + 1].push_back(hash_children(below[below.size() - 2], below.back()));
  }
}

Result<TileEdge> TileEdge::restore(std::uint64_t size,
                                   const std::vector<std::vector<Digest>>& partial) {
  if (partial.size() > 8) {
    return fail(Code::kMalformed, "more than 8 levels of tiles");
  }
  TileEdge edge(size);
  for (std::size_t level = 0; level < 8; ++level) {
    const std::uint64_t expected = size >> (kTileHeight * level) & (kTileWidth - 1);
    const std::size_t given = level < partial.size() ? partial[level].size() : 0;
    if (given != expected) {
      return fail(Code::kMalformed, "level " + std::to_string(level) + " has " +
                                        std::to_string(given) + " hashes, expected " +
                                        std::to_string(expected));
    }
  }
  for (const std::vector<Digest>& hashes : partial) {
    TileRows& rows = edge.levels_.emplace_back();
    for (const Digest& hash : hashes) {
      add_to_rows(rows, hash);
    }
  }
  return edge;
}

std::vector<FullTile> TileEdge::append(const Digest& leaf_hash) {
  std::vector<FullTile> full;
  Digest hash = leaf_hash;
  for (std::size_t level = 0;; ++level) {
    if (level == levels_.size()) {
      levels_.emplace_back();
    }
    TileRows& rows = levels_[level];
    add_to_rows(rows, hash);
    if (rows[0].size() < kTileWidth) {
      break;
    }
    hash = rows[kTileHeight][0];
    full.push_back({static_cast<unsigned>(level), full_tiles(size_, level), std::move(rows[0])});
    rows = {};
  }
  ++size_;
  return full;
}

Digest TileEdge::root() const {
  std::optional<Digest> root;
  for (const TileRows& rows : levels_) {
    for (unsigned row = 0; row < kTileHeight; ++row) {
      if ((rows[0].size() >> row & 1) != 0) {
        root = root ? hash_children(rows[row].back(), *root) : rows[row].back();
      }
    }
  }
  return root.value_or(empty_root());
}

std::optional<Digest> TileEdge::node(unsigned height, std::uint64_t index) const {
  const std::size_t level = height / kTileHeight;
  const unsigned row = height % kTileHeight;
  if (level >= levels_.size()) {
    return std::nullopt;
  }
  const std::uint64_t first = full_tiles(size_, level) << (kTileHeight - row);
  const std::vector<Digest>& hashes = levels_[level][row];
  if (index < first || index - first >= hashes.size()) {
    return std::nullopt;
  }
  return hashes[index - first];
}

std::vector<std::vector<Digest>> TileEdge::partial() const {
  std::vector<std::vector<Digest>> partial;
  partial.reserve(levels_.size());
  for (const TileRows& rows : levels_) {
    partial.push_back(rows[0]);
  }
  return partial;
}

}  // namespace pawl::ledger
