// What the log adds up to, batch by batch: the same fold for start-up and for the writer.
//
// Threading:  a plain value, owned by one thread.
// Memory:     bounded by the open intents, one bundle of entries and 512 hashes a level.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/segment.h"
#include "foundation/ledger/tile_edge.h"

namespace pawl::ledger {

// Intents without an outcome, in log order.
class OpenIntents {
 public:
  void add(Intent intent);
  bool close(const Uuid& id);  // false: it was not open
  std::vector<Intent> list() const;
  std::size_t size() const { return order_.size(); }

 private:
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Intent> by_order_;
  std::unordered_map<Uuid, std::uint64_t> order_;
};

// What a batch added, for the derived files and the readers.
struct Added {
  std::vector<Digest> leaves;
  std::vector<FullTile> tiles;
};

struct LogState {
  Position at;                       // where the next batch belongs
  TileEdge edge;                     // its size may run ahead of at.size inside a batch
  std::vector<std::string> partial;  // the entries after the last full bundle
  Position bundle_from;              // as in SnapshotFile
  OpenIntents intents;
  std::string note;  // the last checkpoint, exact bytes; empty: none yet

  // `batch` is where the batch that holds the entry begins.
  void add_entry(const Position& batch, const Uuid& id, std::string token, Added& added);
};

Uuid uuid_of(std::string_view frame_body);  // the first 16 bytes
inline std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

// Why a log of `size` entries cannot be whole when a signed head covers `known`. `torn` tells what
// the scan met at its end, or is empty.
std::string too_short(std::uint64_t size, std::uint64_t known, std::string_view by,
                      std::string_view torn);
// kBadSignature unless the head is of this tree.
Status check_head(const TreeHead& head, std::uint64_t size, const Digest& root);

}  // namespace pawl::ledger
