#include "foundation/ledger/pruning.h"

#include <algorithm>
#include <set>
#include <vector>

#include "foundation/ledger/segment.h"

namespace pawl::ledger {
namespace {

// Names are durable in their folders, up to `folder`.
Status sync_folders(Files& files, const std::string& folder, const std::set<std::string>& paths) {
  std::set<std::string> folders;
  for (const std::string& path : paths) {
    for (std::string up = directory_of(path);
         up.size() >= folder.size() && folders.insert(up).second; up = directory_of(up)) {
      if (Status synced = files.sync_directory(up); !synced) {
        return synced;
      }
    }
  }
  return {};
}

// Segments below the first that is kept, the newest first: as long as one is left, not everything
// was done.
Result<std::vector<std::string>> old_segments(Files& files, const std::string& folder,
                                              const Minimum& minimum) {
  const Result<std::vector<std::string>> names = files.list(segments_folder(folder));
  if (!names) {
    return fail(names.error());
  }
  const std::string first = segment_name(minimum.at.segment);
  std::vector<std::string> out;
  for (const std::string& name : *names) {
    if (name.size() == first.size() && name < first) {
      out.push_back(segments_folder(folder) + "/" + name);
    }
  }
  std::reverse(out.begin(), out.end());
  return out;
}

Status remove_bundles(Files& files, const std::string& folder, std::uint64_t end) {
  std::set<std::string> removed;
  for (std::uint64_t index = 0; index < end; ++index) {
    const std::string path = folder + "/" + print_tile_path({std::nullopt, index, kTileWidth});
    const Status gone = files.remove(path);
    if (!gone && gone.error().code != Code::kNotFound) {
      return gone;
    }
    if (gone) {
      removed.insert(path);
    }
  }
  return sync_folders(files, folder, removed);
}

Status remove_left_over(Files& files, const std::string& folder, const Minimum& minimum) {
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names) {
    return fail(names.error());
  }
  for (const std::string& name : *names) {
    if (is_left_over(name, minimum)) {
      if (Status gone = files.remove(std::string(folder).append("/").append(name)); !gone) {
        return gone;
      }
    }
  }
  return files.sync_directory(folder);
}

}  // namespace

Status keep_tiles(Files& files, const std::string& folder, Tiles& tiles, std::uint64_t from,
                  std::uint64_t to, std::uint64_t size) {
  std::set<std::string> paths;
  for (unsigned level = 0; level < 7; ++level) {
    const unsigned shift = kTileHeight * (level + 1);
    for (std::uint64_t i = from >> shift; i << shift < to && (i + 1) << shift <= size; ++i) {
      const Result<std::vector<Digest>> tile = tiles.tile(level, i);
      if (!tile) {
        return fail(tile.error());
      }
      const TileName name{level, i, kTileWidth};
      const std::string path = folder + "/" + print_tile_path(name);
      // Written anew: a copy in memory says nothing of the file.
      Status kept = write_tile_file(files, folder, name, print_hashes(*tile));
      const Result<std::unique_ptr<File>> file =
          kept ? files.open(path, OpenMode::kRead)
               : Result<std::unique_ptr<File>>(fail(kept.error()));
      kept = file ? (*file)->sync() : Status(fail(file.error()));
      if (!kept) {
        return kept;
      }
      paths.insert(path);
    }
  }
  return sync_folders(files, folder, paths);
}

Status finish_pruning(Files& files, const std::string& folder, const Minimum& minimum) {
  const Result<std::vector<std::string>> old = old_segments(files, folder, minimum);
  if (!old) {
    return fail(old.error());
  }
  if (old->empty()) {
    return {};
  }
  Status done = remove_bundles(files, folder, minimum.index / kTileWidth);
  done = done ? remove_left_over(files, folder, minimum) : done;
  for (auto path = old->begin(); done && path != old->end(); ++path) {
    done = files.remove(*path);
  }
  return done ? files.sync_directory(segments_folder(folder)) : done;
}

}  // namespace pawl::ledger
