// Makes the receipt of an entry from the ledger's files alone, also while a daemon writes them.
//
// Purpose:    `pawl ledger prove` needs no daemon and no derived file: one pass over the log keeps
//             the hashes beside the entry's path and the tree's right edge.
// Threading:  pure over Files. Memory: about two hashes a level of the tree.
// Errors:     kNotFound (no such entry, or no checkpoint covers it yet), kBadSignature (the
//             entries do not give the checkpoint's root), kIo.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/result.h"
#include "foundation/ledger/ledger.h"

namespace pawl {

// The text of a tlog-proof (docs/formats/receipt.md) against `head`, a checkpoint of this log, or
// against the last one in `root` (null).
Result<std::string> prove_offline(Files& files, const std::string& root, std::uint64_t index,
                                  const ledger::Checkpoint* head);

}  // namespace pawl
