#include "foundation/ledger/log_state.h"

#include <algorithm>

namespace pawl::ledger {

void OpenIntents::add(Intent intent) {
  close(intent.id);
  order_[intent.id] = next_;
  by_order_.emplace(next_++, std::move(intent));
}

bool OpenIntents::close(const Uuid& id) {
  const auto found = order_.find(id);
  if (found == order_.end()) {
    return false;
  }
  by_order_.erase(found->second);
  order_.erase(found);
  return true;
}

std::vector<Intent> OpenIntents::list() const {
  std::vector<Intent> intents;
  intents.reserve(by_order_.size());
  for (const auto& [order, intent] : by_order_) {
    intents.push_back(intent);
  }
  return intents;
}

void LogState::add_entry(const Position& batch, const Uuid& id, std::string token, Added& added) {
  const std::uint64_t index = edge.size();
  if (index % kTileWidth == 0) {
    bundle_from = batch;
  }
  added.leaves.push_back(hash_leaf(token));
  partial.push_back(std::move(token));
  for (FullTile& tile : edge.append(added.leaves.back())) {
    if (tile.level == 0) {
      partial.clear();
    }
    added.tiles.push_back(std::move(tile));
  }
  intents.close(id);  // by the id alone: a flag that somebody cleared opens no call again
}

Uuid uuid_of(std::string_view frame_body) {
  Uuid id;
  std::copy_n(frame_body.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

std::string too_short(std::uint64_t size, std::uint64_t known, std::string_view by,
                      std::string_view torn) {
  const std::string heads = "the log ends at entry " + std::to_string(size) + ", but " +
                            std::string(by) + " covers " + std::to_string(known);
  return torn.empty() ? heads + ": it was cut off or replaced by an older copy"
                      : std::string(torn) + "; " + heads;
}

Status check_head(const TreeHead& head, std::uint64_t size, const Digest& root) {
  const std::string name = "checkpoint of size " + std::to_string(head.size);
  if (head.size != size) {
    return fail(Code::kBadSignature,
                name + ": " + std::to_string(size) + " entries stand before it");
  }
  if (head.root != root) {
    return fail(Code::kBadSignature, name + ": root differs from the entries");
  }
  return {};
}

}  // namespace pawl::ledger
