#include "foundation/ledger/tiles.h"

#include <algorithm>

#include "foundation/ledger/bytes.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/scan.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kMaxCachedTiles = 64;  // 16 KiB each
constexpr std::size_t kMaxBundleBytes = kTileWidth * (2 + kMaxToken);

// Null when they are not the tile whose root the tree has.
std::shared_ptr<const TileRows> rows_of(const std::vector<Digest>& hashes, const Digest& root) {
  auto rows = std::make_shared<TileRows>();
  for (const Digest& hash : hashes) {
    add_to_rows(*rows, hash);
  }
  return hashes.size() == kTileWidth && (*rows)[kTileHeight][0] == root ? rows : nullptr;
}

// Null when the entries are not those of these hashes.
Tiles::Bundle bundle_of(std::vector<std::string> entries, const std::vector<Digest>& hashes) {
  const auto fits = [](const std::string& entry, const Digest& hash) {
    return hash_leaf(entry) == hash;
  };
  return std::equal(entries.begin(), entries.end(), hashes.begin(), hashes.end(), fits)
             ? std::make_shared<const std::vector<std::string>>(std::move(entries))
             : nullptr;
}

// The hashes of a tile above level 0, from the tiles below it.
Result<std::vector<Digest>> join_tiles(Files& files, const std::string& folder, unsigned level,
                                       std::uint64_t index) {
  std::vector<Digest> hashes;
  for (std::uint64_t i = index * kTileWidth; i < (index + 1) * kTileWidth; ++i) {
    const Result<Digest> root = unchecked_tile_root(files, folder, level - 1, i);
    if (!root) {
      return fail(root.error());
    }
    hashes.push_back(*root);
  }
  return hashes;
}

}  // namespace

Result<Digest> unchecked_tile_root(Files& files, const std::string& folder, unsigned level,
                                   std::uint64_t index) {
  const std::string path = print_tile_path({level, index, kTileWidth});
  const Result<std::string> bytes =
      read_file(files, folder + "/" + path, kTileWidth * Digest{}.size());
  Result<std::vector<Digest>> hashes = bytes && bytes->size() == kTileWidth * Digest{}.size()
                                           ? parse_hashes(*bytes)
                                       : level > 0 ? join_tiles(files, folder, level, index)
                                                   : fail(Code::kUndecidable, path + " is missing");
  if (!hashes) {
    return fail(hashes.error());
  }
  TileRows rows;
  for (const Digest& hash : *hashes) {
    add_to_rows(rows, hash);
  }
  return rows[kTileHeight][0];
}

Status check_leaf(Tiles& tiles, std::uint64_t index, std::string_view token) {
  const Result<std::vector<Digest>> hashes = tiles.tile(0, index / kTileWidth);
  if (!hashes) {
    return fail(hashes.error());
  }
  return (*hashes)[index % kTileWidth] == hash_leaf(token)
             ? Status{}
             : Status(fail(Code::kBadSignature,
                           "kept entry " + std::to_string(index) + ": is not the one of the tree"));
}

std::string print_bundle(const std::vector<std::string>& entries) {
  std::string bytes;
  for (const std::string& entry : entries) {
    put_u16(bytes, static_cast<std::uint16_t>(entry.size()));
    bytes += entry;
  }
  return bytes;
}

Result<std::vector<std::string>> parse_bundle(std::string_view bytes) {
  std::vector<std::string> entries;
  while (!bytes.empty()) {
    if (bytes.size() < 2 || bytes.size() - 2 < get_u16(bytes)) {
      return fail(Code::kMalformed,
                  "entry " + std::to_string(entries.size()) + " of the bundle is cut off");
    }
    const std::size_t length = get_u16(bytes);
    entries.emplace_back(bytes.substr(2, length));
    bytes.remove_prefix(2 + length);
  }
  return entries;
}

std::string print_hashes(const std::vector<Digest>& hashes) {
  std::string bytes;
  for (const Digest& hash : hashes) {
    bytes += view(hash);
  }
  return bytes;
}

Result<std::vector<Digest>> parse_hashes(std::string_view bytes) {
  if (bytes.size() % Digest{}.size() != 0) {
    return fail(Code::kMalformed, "a tile is a row of hashes of 32 bytes");
  }
  std::vector<Digest> hashes(bytes.size() / Digest{}.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::copy_n(bytes.begin() + i * Digest{}.size(), Digest{}.size(), hashes[i].begin());
  }
  return hashes;
}

Status write_tile_file(Files& files, const std::string& folder, const TileName& name,
                       std::string_view bytes) {
  const std::string relative = print_tile_path(name);
  const std::string path = folder + "/" + relative;
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kCreate);
  if (!file) {
    for (std::size_t slash = relative.find('/'); slash != relative.npos;
         slash = relative.find('/', slash + 1)) {
      const std::string part = folder + "/" + relative.substr(0, slash);
      if (Status made = files.make_directory(part); !made) {
        return made;
      }
    }
    file = files.open(path, OpenMode::kCreate);
  }
  if (!file) {
    return fail(file.error());
  }
  if (Status emptied = (*file)->truncate(0); !emptied) {
    return emptied;
  }
  return (*file)->write_at(0, bytes);
}

void Tiles::store(const FullTile& tile) {
  // A derived file that cannot be written is made from the segments when it is asked for.
  (void)write_tile_file(files_, folder_, {tile.level, tile.index, kTileWidth},
                        print_hashes(tile.hashes));
}

void Tiles::store_bundle(std::uint64_t index, const std::vector<std::string>& entries) {
  (void)write_tile_file(files_, folder_, {std::nullopt, index, kTileWidth}, print_bundle(entries));
}

Result<Digest> Tiles::node(unsigned height, std::uint64_t index) {
  if (std::optional<Digest> hash = edge_(height, index)) {
    return *hash;
  }
  const unsigned row = height % kTileHeight;
  Result<Rows> found = rows(height / kTileHeight, index >> (kTileHeight - row));
  if (!found) {
    return fail(found.error());
  }
  return (**found)[row][index & ((kTileWidth >> row) - 1)];
}

Result<Tiles::Rows> Tiles::rows(unsigned level, std::uint64_t index) {
  if (level > 7) {
    return fail(Code::kNotFound, "not in the tree");
  }
  {
    MutexLock lock(mutex_);
    if (const auto cached = rows_.find({level, index}); cached != rows_.end()) {
      return cached->second;
    }
  }
  Result<Digest> root = node(kTileHeight * (level + 1), index);
  if (!root) {
    return fail(root.error());
  }
  Rows found = read_rows(level, index, *root);
  if (!found) {
    const Result<Made> made = rebuild(level, index);
    if (!made) {
      return fail(made.error());
    }
    found = rows_of(made->hashes, *root);
  }
  if (!found) {
    return fail(Code::kBadSignature,
                "the segments do not give " + print_tile_path({level, index, kTileWidth}));
  }
  MutexLock lock(mutex_);
  if (rows_.size() >= kMaxCachedTiles) {
    rows_.clear();
  }
  rows_[{level, index}] = found;
  return found;
}

// Null when the file is missing, or is not the tile whose root the tree has.
Tiles::Rows Tiles::read_rows(unsigned level, std::uint64_t index, const Digest& root) {
  Result<std::string> bytes =
      read_file(files_, folder_ + "/" + print_tile_path({level, index, kTileWidth}),
                kTileWidth * Digest{}.size());
  if (!bytes || bytes->size() != kTileWidth * Digest{}.size()) {
    return nullptr;
  }
  return rows_of(*parse_hashes(*bytes), root);
}

Result<std::vector<Digest>> Tiles::tile(unsigned level, std::uint64_t index) {
  Result<Rows> found = rows(level, index);
  if (!found) {
    return fail(found.error());
  }
  return (**found)[0];
}

Result<Tiles::Bundle> Tiles::bundle(std::uint64_t index) {
  {
    MutexLock lock(mutex_);
    if (bundle_ && bundle_index_ == index) {
      return bundle_;
    }
  }
  Result<std::vector<Digest>> hashes = tile(0, index);
  if (!hashes) {
    return fail(hashes.error());
  }
  Bundle found = read_bundle(index, *hashes);
  if (!found) {
    Result<Made> made = rebuild(0, index);
    if (!made) {
      return fail(made.error());
    }
    found = bundle_of(std::move(made->entries), *hashes);
  }
  if (!found) {
    return fail(Code::kBadSignature,
                "the segments do not give " + print_tile_path({std::nullopt, index, kTileWidth}));
  }
  MutexLock lock(mutex_);
  bundle_index_ = index;
  bundle_ = found;
  return found;
}

Tiles::Bundle Tiles::read_bundle(std::uint64_t index, const std::vector<Digest>& hashes) {
  Result<std::string> bytes = read_file(
      files_, folder_ + "/" + print_tile_path({std::nullopt, index, kTileWidth}), kMaxBundleBytes);
  if (!bytes) {
    return nullptr;
  }
  Result<std::vector<std::string>> entries = parse_bundle(*bytes);
  return entries ? bundle_of(*std::move(entries), hashes) : nullptr;
}

// Makes the tile and everything below it again from the segments. Of a level-0 tile also the
// bundle, and the bundles behind it in the same segment, which is read whole anyway: who reads
// entries in order has each segment read once.
//
// Of a pruned log nothing of that is there below the minimum index, and the tiles alone are left.
Result<Tiles::Made> Tiles::rebuild(unsigned level, std::uint64_t index) {
  const Result<std::optional<Minimum>> minimum = read_minimum(files_, folder_);
  if (!minimum) {
    return fail(minimum.error());
  }
  if (!*minimum || index << (kTileHeight * (level + 1)) >= (*minimum)->index) {
    return scan_again(level, index);
  }
  if (level == 0) {
    return fail(Code::kBadSignature, print_tile_path({level, index, kTileWidth}) +
                                         ": is missing or damaged, and its entries were pruned: "
                                         "restore the file from a backup");
  }
  Result<std::vector<Digest>> hashes = join_tiles(files_, folder_, level, index);
  if (!hashes) {
    return fail(hashes.error());
  }
  store({level, index, *hashes});
  return Made{*std::move(hashes), {}};
}

Result<Tiles::Made> Tiles::scan_again(unsigned level, std::uint64_t index) {
  const unsigned shift = kTileHeight * (level + 1);
  const std::uint64_t begin = index << shift;
  const std::uint64_t end = (index + 1) << shift;
  Result<std::optional<Position>> from = find_segment(files_, folder_, begin);
  if (!from) {
    return fail(from.error());
  }
  TileEdge edge(begin);
  std::vector<std::string> entries;
  Made made;
  Result<ScanEnd> scanned =
      scan_log(files_, folder_, *from, [&](const Batch& batch) -> Result<bool> {
        std::uint64_t at = batch.begin.size;
        for (const Frame& frame : batch.frames) {
          if (frame.kind != FrameKind::kEntry) {
            continue;
          }
          const std::uint64_t number = at++;
          if (number < begin || (level > 0 && number >= end)) {
            continue;
          }
          entries.emplace_back(frame.body.substr(16));
          for (const FullTile& tile : edge.append(hash_leaf(entries.back()))) {
            if (tile.level == 0) {
              if (level == 0) {
                store_bundle(tile.index, entries);
              }
              if (level == 0 && tile.index == index) {
                made.entries = std::move(entries);
              }
              entries.clear();
            }
            if (tile.level <= level && number < end) {
              store(tile);
            }
            if (tile.level == level && tile.index == index) {
              made.hashes = tile.hashes;
            }
          }
        }
        const bool same_segment = *from && batch.begin.segment == (*from)->segment;
        return at < end || (level == 0 && same_segment);
      });
  return scanned ? Result<Made>(std::move(made)) : fail(scanned.error());
}

}  // namespace pawl::ledger
