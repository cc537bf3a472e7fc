// The growing right edge of the tree: the partial tile of every level, inner hashes included.
//
// Purpose:    append a leaf with about one hash; hand out each tile when it is full; answer the
//             root and any inner hash that is not yet in a full tile. At most 512 hashes a level.
// Threading:  a plain value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/ledger/merkle.h"
#include "foundation/ledger/tile_path.h"

namespace pawl::ledger {

struct FullTile {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::vector<Digest> hashes;  // 256
};

// A tile's hashes (row 0) and the complete subtrees over them (row r: 2^r hashes joined).
using TileRows = std::array<std::vector<Digest>, kTileHeight + 1>;
void add_to_rows(TileRows& rows, const Digest& hash);

class TileEdge {
 public:
  TileEdge() = default;
  // An edge at `size` whose partial tiles are empty: the right edge of a tree only if size is 0;
  // for a larger multiple of 256^k it makes the full tiles below level k from there on.
  explicit TileEdge(std::uint64_t size) : size_(size) {}
  // partial[level] holds size / 256^level mod 256 hashes; kMalformed otherwise.
  static Result<TileEdge> restore(std::uint64_t size,
                                  const std::vector<std::vector<Digest>>& partial);

  // Returns the tiles that became full, lowest level first.
  std::vector<FullTile> append(const Digest& leaf_hash);
  std::uint64_t size() const { return size_; }
  Digest root() const;
  // nullopt: not at the edge (in a full tile, or beyond the tree).
  std::optional<Digest> node(unsigned height, std::uint64_t index) const;
  std::vector<std::vector<Digest>> partial() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<TileRows> levels_;
};

}  // namespace pawl::ledger
