// Reads an exported bundle: checkpoint and entry bundles in the tlog-tiles layout.
//
// Threading:  pure over Files.
// Errors:     kUndecidable (a file is missing), kBadSignature (a file is not what it must be), kIo.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "foundation/ledger/tile_path.h"

namespace pawl::ledger {

// The bytes of one tile or entry bundle.
Result<std::string> read_tile_file(Files& files, const std::string& folder, const TileName& name);

// The width of tile `index` at a level with `count` hashes; 0 beyond its end.
unsigned tile_width(std::uint64_t index, std::uint64_t count);

// Calls `entry` for every entry from `from` to `size`; false ends it.
Status read_bundles(Files& files, const std::string& folder, std::uint64_t from, std::uint64_t size,
                    const std::function<bool(std::uint64_t, std::string_view)>& entry);

}  // namespace pawl::ledger
