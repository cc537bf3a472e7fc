#include "foundation/ledger/remote_log.h"

#include <algorithm>

#include "foundation/ledger/tile_path.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {
namespace {

constexpr unsigned kLevels = 8;  // of a tree of up to 2^63 leaves

}  // namespace

Result<std::vector<Digest>> RemoteLog::ask(Place place, unsigned width) {
  const std::string path = print_tile_path({place.first, place.second, width});
  const Result<std::string> bytes = get_(path);
  if (!bytes) {
    return fail(bytes.error());
  }
  Result<std::vector<Digest>> hashes = parse_hashes(*bytes);
  if (!hashes || hashes->size() != width) {
    return fail(Code::kMalformed, path + ": expected " + std::to_string(width) + " hashes");
  }
  return hashes;
}

Result<const std::vector<Digest>*> RemoteLog::tile(Place place) {
  if (const auto found = tiles_.find(place); found != tiles_.end()) {
    return &found->second;
  }
  const std::uint64_t at_level = size_ >> (kTileHeight * place.first);
  const std::uint64_t begin = place.second << kTileHeight;
  const auto width = static_cast<unsigned>(std::min<std::uint64_t>(at_level - begin, kTileWidth));
  Result<std::vector<Digest>> hashes = ask(place, width);
  if (!hashes && hashes.error().code == Code::kNotFound && width != kTileWidth) {
    hashes = ask(place, kTileWidth);
  }
  if (!hashes) {
    return fail(hashes.error());
  }
  return &tiles_.emplace(place, *std::move(hashes)).first->second;
}

Result<Digest> RemoteLog::node(unsigned height, std::uint64_t index) {
  if (height >= kTileHeight * kLevels || index >= size_ >> height) {
    return fail(Code::kInvalidParams, "a tree of " + std::to_string(size_) +
                                          " leaves has no node " + std::to_string(index) +
                                          " of height " + std::to_string(height));
  }
  const unsigned within = height % kTileHeight;
  const std::uint64_t first = index << within;
  const Result<const std::vector<Digest>*> hashes =
      tile({height / kTileHeight, first >> kTileHeight});
  if (!hashes) {
    return fail(hashes.error());
  }
  const auto begin = (*hashes)->begin() + static_cast<std::ptrdiff_t>(first % kTileWidth);
  return root_of(std::vector<Digest>(begin, begin + (std::ptrdiff_t{1} << within)));
}

}  // namespace pawl::ledger
