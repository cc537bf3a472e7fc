#include "foundation/ledger/pruned_check.h"

#include "base/clock.h"
#include "foundation/ledger/pruned_record.h"

namespace pawl::ledger {

Result<std::unique_ptr<PrunedCheck>> PrunedCheck::open(Files& files, const std::string& folder) {
  Result<std::optional<Pruned>> pruned = read_pruned(files, folder);
  if (!pruned || !*pruned) {
    return pruned ? Result<std::unique_ptr<PrunedCheck>>(nullptr) : fail(pruned.error());
  }
  Result<std::unique_ptr<PrunedTree>> tree =
      PrunedTree::open(files, folder, (*pruned)->minimum.index);
  if (!tree) {
    return fail(tree.error());
  }
  return std::unique_ptr<PrunedCheck>(new PrunedCheck(**std::move(pruned), *std::move(tree)));
}

Status PrunedCheck::find_root(std::uint64_t size, std::optional<Digest>& root) {
  if (size == 0 || size > first()) {
    return {};
  }
  const Result<Digest> found = root_at(tree_->tiles(), size);
  if (!found) {
    return fail(found.error());
  }
  root = *found;
  return {};
}

Status PrunedCheck::each_kept(const std::function<void(std::uint64_t, const std::string&)>& entry) {
  for (const auto& [index, token] : pruned_.kept) {
    if (Status same = check_leaf(tree_->tiles(), index, token); !same) {
      return same;
    }
    entry(index, token);
  }
  return {};
}

void PrunedCheck::see(std::uint64_t index, std::string_view token) {
  if (index == pruned_.minimum.record_index) {
    statement_ = token;
  }
}

Result<PrunedRange> PrunedCheck::result() const {
  const Result<PrunedRecord> said = check_pruned(statement_, pruned_);
  if (!said) {
    return fail(said.error());
  }
  return PrunedRange{first(), pruned_.gone(), said->id.text(), pruned_.minimum.record_index,
                     said->at_s};
}

std::string pruned_range_text(const PrunedRange& pruned) {
  return std::to_string(pruned.gone) + " entries below " + std::to_string(pruned.minimum) +
         " were pruned on " + format_rfc3339(WallTime{pruned.at_s * 1'000'000}) + " (record " +
         pruned.record + ")";
}

}  // namespace pawl::ledger
