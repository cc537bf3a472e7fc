// The tree of a pruned log up to its minimum index, from the tiles that stay.
//
// Purpose:    where a reader of all entries would begin with an empty tree, one of a pruned log
//             begins with the right edge at the minimum index; and hashes below it, for proofs.
// Threading:  as Tiles. Ownership: Files outlives it.
// Errors:     kUndecidable (a tile is missing), kBadSignature (a tile is not what it must be), kIo.
// Trust:      whoever begins with edge() must reach a root that is signed; then the tiles are
//             right, because tiles() checks each of them against the edge.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "foundation/ledger/tile_edge.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

class PrunedTree {
 public:
  // `folder`: of a ledger, or a bundle; `minimum`: a multiple of 256.
  static Result<std::unique_ptr<PrunedTree>> open(Files& files, const std::string& folder,
                                                  std::uint64_t minimum);
  const TileEdge& edge() const { return edge_; }
  Tiles& tiles() { return tiles_; }

 private:
  PrunedTree(Files& files, const std::string& folder, TileEdge edge)
      : edge_(std::move(edge)), tiles_(files, folder, [this](unsigned height, std::uint64_t index) {
          return edge_.node(height, index);
        }) {}

  const TileEdge edge_;
  Tiles tiles_;
};

}  // namespace pawl::ledger
