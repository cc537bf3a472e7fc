// Names of C2SP tlog-tiles resources: "tile/0/x001/234", "tile/entries/000.p/5".
//
// Threading:  pure functions. Errors: kNotFound for anything that is not such a name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileWidth = 1u << kTileHeight;  // 256

struct TileName {
  std::optional<unsigned> level;  // nullopt: an entry bundle
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1..255: partial
};

std::string print_tile_path(const TileName& name);
Result<TileName> parse_tile_path(std::string_view path);

}  // namespace pawl::ledger
