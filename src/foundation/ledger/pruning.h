// Deletes the entries below a minimum index (minimum.h), and keeps every proof.
//
// Purpose:    the steps of a pruning, each durable before the next: what stays of the entries
//             (tiles, kept entries, decisions), the record, the minimum index; then the entries go.
// Threading:  plain functions; nobody else writes the folder meanwhile.
// Crashes:    without the file `minimum` nothing was pruned. With it finish_pruning() goes on where
//             it was interrupted; Ledger::open calls it.
// Errors:     kIo; kBadSignature: a tile cannot be made from the entries.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

// Every full tile of the tree of `size` that begins below `to` and ends above `from` (the minimum
// index of an earlier pruning, or 0) is there, right and durable.
Status keep_tiles(Files& files, const std::string& folder, Tiles& tiles, std::uint64_t from,
                  std::uint64_t to, std::uint64_t size);

// Deletes bundles and segments below the minimum index, and what an earlier pruning kept. Costs one
// listing of the segments when that is done already.
Status finish_pruning(Files& files, const std::string& folder, const Minimum& minimum);

}  // namespace pawl::ledger
