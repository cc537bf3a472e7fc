// Verification of what was pruned: the part of verify.cc that only a pruned log needs.
//
// Purpose:    where to begin, what is kept, and whether a record of the log says that the others
//             were pruned.
// Threading:  one thread. Ownership: Files outlives it.
// Errors:     kBadSignature: what is kept is not of the tree, or no record says so; kUndecidable (a
//             tile is missing), kIo.
// Not errors: a head above the minimum index: the entries lead to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/ledger/minimum.h"
#include "foundation/ledger/pruned_tree.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {

class PrunedCheck {
 public:
  // Null: nothing was pruned.
  static Result<std::unique_ptr<PrunedCheck>> open(Files& files, const std::string& folder);

  std::uint64_t first() const { return pruned_.minimum.index; }
  const TileEdge& edge() const { return tree_->edge(); }
  // The root of the tree of `size` entries, if no entry leads to it any more.
  Status find_root(std::uint64_t size, std::optional<Digest>& root);
  Status each_kept(const std::function<void(std::uint64_t, const std::string&)>& entry);
  // The entries from first() on.
  void see(std::uint64_t index, std::string_view token);
  // After the last of them.
  Result<PrunedRange> result() const;

 private:
  PrunedCheck(Pruned pruned, std::unique_ptr<PrunedTree> tree)
      : pruned_(std::move(pruned)), tree_(std::move(tree)) {}

  const Pruned pruned_;
  const std::unique_ptr<PrunedTree> tree_;
  std::string statement_;  // the entry that the minimum index names
};

// "511 entries below 512 were pruned on 2026-11-27T01:02:03Z (record ...)"
std::string pruned_range_text(const PrunedRange& pruned);

}  // namespace pawl::ledger
