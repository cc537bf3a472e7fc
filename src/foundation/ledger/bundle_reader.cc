#include "foundation/ledger/bundle_reader.h"

#include <algorithm>

#include "foundation/ledger/frame.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

Result<std::string> read_tile_file(Files& files, const std::string& folder, const TileName& name) {
  const std::string path = print_tile_path(name);
  Result<std::string> bytes = read_file(files, folder + "/" + path, kTileWidth * (2 + kMaxToken));
  if (!bytes && bytes.error().code == Code::kNotFound) {
    return fail(Code::kUndecidable, path + " is missing");
  }
  return bytes;
}

unsigned tile_width(std::uint64_t index, std::uint64_t count) {
  const std::uint64_t first = index * kTileWidth;
  return static_cast<unsigned>(count <= first ? 0
                                              : std::min<std::uint64_t>(kTileWidth, count - first));
}

Status read_bundles(Files& files, const std::string& folder, std::uint64_t from, std::uint64_t size,
                    const std::function<bool(std::uint64_t, std::string_view)>& entry) {
  for (std::uint64_t index = from / kTileWidth; index * kTileWidth < size; ++index) {
    const TileName name{std::nullopt, index, tile_width(index, size)};
    Result<std::string> bytes = read_tile_file(files, folder, name);
    if (!bytes) {
      return fail(bytes.error());
    }
    Result<std::vector<std::string>> entries = parse_bundle(*bytes);
    if (!entries || entries->size() != name.width) {
      return fail(Code::kBadSignature,
                  print_tile_path(name) + ": " +
                      (entries ? std::to_string(entries->size()) + " entries, expected " +
                                     std::to_string(name.width)
                               : entries.error().message));
    }
    for (std::uint64_t i = 0; i < name.width; ++i) {
      const std::uint64_t number = index * kTileWidth + i;
      if (number >= from && !entry(number, (*entries)[i])) {
        return {};
      }
    }
  }
  return {};
}

}  // namespace pawl::ledger
