// Derived files: full tiles and entry bundles below DATA/ledger/tile (docs/formats/tiles.md).
//
// Purpose:    answer inner hashes and entries of a large tree with little memory. The files are a
//             cache of the segments: written without sync, checked against the tree on every read
//             and made again from the segments when missing or damaged. Tiles are written as they
//             become full; bundles, which repeat the segments, only when somebody asks for one.
// Threading:  any thread.
// Ownership:  Files outlives the Tiles; `edge` may be called from any thread.
// Errors:     kNotFound (beyond the full tiles), kBadSignature (the segments do not give the hash
//             that the tree has: damage), kIo.
// Not errors: a failed write of a derived file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/mutex.h"
#include "foundation/ledger/tile_edge.h"

namespace pawl::ledger {

// Entries as a bundle: each a big-endian uint16 length and the bytes.
std::string print_bundle(const std::vector<std::string>& entries);
Result<std::vector<std::string>> parse_bundle(std::string_view bytes);
std::string print_hashes(const std::vector<Digest>& hashes);
Result<std::vector<Digest>> parse_hashes(std::string_view bytes);

// The root of a full tile as its file has it, or, without a file, as the tiles below it give it. It
// is not checked against any tree. kUndecidable: a tile is missing.
Result<Digest> unchecked_tile_root(Files& files, const std::string& folder, unsigned level,
                                   std::uint64_t index);
// Writes `bytes` at folder/print_tile_path(name), making folders; no sync.
Status write_tile_file(Files& files, const std::string& folder, const TileName& name,
                       std::string_view bytes);

class Tiles;
// kBadSignature unless the token is the entry `index` of the tree, in a full tile.
Status check_leaf(Tiles& tiles, std::uint64_t index, std::string_view token);

class Tiles : public HashReader {
 public:
  // Inner hashes at the right edge of the durable tree; nullopt for all others.
  using Edge = std::function<std::optional<Digest>(unsigned height, std::uint64_t index)>;
  using Bundle = std::shared_ptr<const std::vector<std::string>>;

  Tiles(Files& files, std::string folder, Edge edge)
      : files_(files), folder_(std::move(folder)), edge_(std::move(edge)) {}

  Result<Digest> node(unsigned height, std::uint64_t index) override;
  // Full ones only, verified against the tree.
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index);
  Result<Bundle> bundle(std::uint64_t index);

  void store(const FullTile& tile);
  void store_bundle(std::uint64_t index, const std::vector<std::string>& entries);

 private:
  using Rows = std::shared_ptr<const TileRows>;
  Result<Rows> rows(unsigned level, std::uint64_t index);
  Rows read_rows(unsigned level, std::uint64_t index, const Digest& root);
  Bundle read_bundle(std::uint64_t index, const std::vector<Digest>& hashes);
  // Made from the segments; the files are stored besides, if there is room for them.
  struct Made {
    std::vector<Digest> hashes;        // of the tile that was asked for; empty: not there
    std::vector<std::string> entries;  // the same of level 0
  };
  Result<Made> rebuild(unsigned level, std::uint64_t index);
  Result<Made> scan_again(unsigned level, std::uint64_t index);

  Files& files_;
  const std::string folder_;
  const Edge edge_;
  Mutex mutex_;
  std::map<std::pair<unsigned, std::uint64_t>, Rows> rows_ PAWL_GUARDED_BY(mutex_);
  std::uint64_t bundle_index_ PAWL_GUARDED_BY(mutex_) = 0;
  Bundle bundle_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl::ledger
