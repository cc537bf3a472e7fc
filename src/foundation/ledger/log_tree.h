// The durable tree as readers see it: the right edge in memory, the rest in derived files.
//
// Purpose:    entries, receipts and tlog-tiles resources while the writer goes on appending.
// Threading:  any thread; add() by the writer, after its sync.
// Ownership:  Files outlives it.
// Errors:     kNotFound (not in the durable tree), kBadSignature (damage), kIo.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/mutex.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

class LogTree {
 public:
  // As of a recovered log; `head` is its last checkpoint.
  LogTree(Files& files, const std::string& folder, const LogState& state, Checkpoint head,
          std::optional<Pruned> pruned = std::nullopt);

  // Makes a durable batch visible: its new entries and the checkpoint that covers them.
  void add(const Added& added, std::vector<std::string> tokens, Checkpoint head,
           const Position& end);

  Checkpoint latest() const;
  std::uint64_t size() const;
  Position end() const;  // behind the last durable batch
  Result<std::string> entry(std::uint64_t index);
  Result<std::string> receipt(std::uint64_t index,
                              const Checkpoint& head);                    // an earlier head of it
  Result<Proof> consistency(std::uint64_t old_size, std::uint64_t size);  // up to latest()
  Result<std::string> tile(const TileName& name);                         // of the tree of latest()
  Tiles& tiles() { return tiles_; }
  const std::optional<Pruned>& pruned() const { return pruned_; }

 private:
  Result<std::string> bundle(const TileName& name, std::uint64_t first);
  Result<std::string> kept_entry(std::uint64_t index);

  mutable Mutex mutex_;
  TileEdge edge_ PAWL_GUARDED_BY(mutex_);
  std::vector<std::string> partial_ PAWL_GUARDED_BY(mutex_);  // entries after the full bundles
  Checkpoint head_ PAWL_GUARDED_BY(mutex_);
  Position end_ PAWL_GUARDED_BY(mutex_);
  Tiles tiles_;
  const std::optional<Pruned> pruned_;
};

}  // namespace pawl::ledger
