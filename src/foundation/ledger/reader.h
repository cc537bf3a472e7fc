// Reads a ledger folder or bundle in order without writing, also while a daemon writes it.
//
// Purpose:    `pawl ledger tail|show|query|export`, verification, the index rebuild.
// Errors:     kBadSignature for a damaged frame before the last durable one; kIo.
// Not errors: an unfinished frame at the very end of the last segment (a write under way).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "foundation/ledger/ledger.h"

namespace pawl::ledger {

struct Visitor {
  std::function<bool(std::uint64_t index, std::string_view token)> entry;  // false ends the walk
  std::function<void(const Intent&)> intent;                               // may be empty
  std::function<void(const Checkpoint&)> checkpoint;                       // may be empty
};

// Of a pruned log: the entries below its minimum index that are kept, then all from it on.
Status walk(Files& files, const std::string& folder, const Visitor& visitor,
            std::uint64_t from_index = 0);

// Calls `entry` for the entries at these indices, which ascend. False ends it. An index that the
// log does not have, or has no more, is left out.
Status walk_at(Files& files, const std::string& folder, const std::vector<std::uint64_t>& indices,
               const std::function<bool(std::uint64_t index, std::string_view token)>& entry);

// Writes a bundle (docs/formats/tiles.md): checkpoint, entry bundles, tiles, log.vkey. A bundle
// holds nothing that an auditor may not read (no intents, no keys). It ends with `end`, a
// checkpoint of this log, or with the last one.
Status export_bundle(Files& files, const std::string& folder, const std::string& destination,
                     const std::optional<Checkpoint>& end = std::nullopt);

}  // namespace pawl::ledger
