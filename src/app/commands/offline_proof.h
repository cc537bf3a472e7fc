// Makes receipts of entries from the ledger's files alone, also while a daemon writes them.
//
// Purpose:    `pawl ledger prove` and `export` need no daemon and no derived file: one pass over
// the
//             log keeps the hashes beside the entries' paths and the tree's right edge.
// Threading:  pure over Files. Memory: about two hashes a level of the tree for each entry asked.
// Errors:     kNotFound (no such entry, or no checkpoint covers it yet), kBadSignature (the
//             entries do not give the checkpoint's root), kIo.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/merkle.h"

namespace pawl {

struct OfflinePaths {
  ledger::Checkpoint head;
  std::vector<ledger::Proof> paths;  // of the indexes asked, in their order
};
// Against `head`, a checkpoint of this log, or against the last one in `root` (null).
Result<OfflinePaths> paths_offline(Files& files, const std::string& root,
                                   const std::vector<std::uint64_t>& indexes,
                                   const ledger::Checkpoint* head);

// The text of a tlog-proof (docs/formats/receipt.md) of one entry, likewise.
Result<std::string> prove_offline(Files& files, const std::string& root, std::uint64_t index,
                                  const ledger::Checkpoint* head);

}  // namespace pawl
