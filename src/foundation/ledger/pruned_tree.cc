#include "foundation/ledger/pruned_tree.h"

namespace pawl::ledger {

Result<std::unique_ptr<PrunedTree>> PrunedTree::open(Files& files, const std::string& folder,
                                                     std::uint64_t minimum) {
  std::vector<std::vector<Digest>> partial(1);  // no leaf: the size is a multiple of 256
  for (unsigned level = 1; level < 8 && minimum >> (kTileHeight * level) > 0; ++level) {
    const std::uint64_t end = minimum >> (kTileHeight * level);
    std::vector<Digest>& hashes = partial.emplace_back();
    for (std::uint64_t i = end & ~std::uint64_t{kTileWidth - 1}; i < end; ++i) {
      const Result<Digest> root = unchecked_tile_root(files, folder, level - 1, i);
      if (!root) {
        return fail(root.error());
      }
      hashes.push_back(*root);
    }
  }
  Result<TileEdge> edge = TileEdge::restore(minimum, partial);
  if (!edge) {
    return fail(edge.error());
  }
  return std::unique_ptr<PrunedTree>(new PrunedTree(files, folder, *std::move(edge)));
}

}  // namespace pawl::ledger
