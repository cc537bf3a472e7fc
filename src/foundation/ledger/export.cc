#include <set>
#include <vector>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/pruned_tree.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/source.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {
namespace {

// Writes tiles and entry bundles as entries come, full ones first, partial ones at the end.
class BundleWriter {
 public:
  BundleWriter(Files& files, const std::string& folder) : files_(files), folder_(folder) {}

  // Of a pruned log: the tiles over what is gone.
  Status begin(PrunedTree& tree) {
    edge_ = tree.edge();
    for (unsigned level = 0; level < 7; ++level) {
      const std::uint64_t end = edge_.size() >> (kTileHeight * (level + 1));
      for (std::uint64_t index = 0; index < end; ++index) {
        const Result<std::vector<Digest>> hashes = tree.tiles().tile(level, index);
        if (!hashes) {
          return fail(hashes.error());
        }
        write({level, index, kTileWidth}, print_hashes(*hashes));
      }
    }
    return status_;
  }

  void add(std::string_view token) {
    entries_.emplace_back(token);
    for (const FullTile& tile : edge_.append(hash_leaf(token))) {
      if (tile.level == 0) {
        write({std::nullopt, tile.index, kTileWidth}, print_bundle(entries_));
        entries_.clear();
      }
      write({tile.level, tile.index, kTileWidth}, print_hashes(tile.hashes));
    }
  }

  Status finish() {
    const std::vector<std::vector<Digest>> partial = edge_.partial();
    for (unsigned level = 0; level < partial.size(); ++level) {
      const auto width = static_cast<unsigned>(partial[level].size());
      if (width > 0) {
        const std::uint64_t index = edge_.size() >> (kTileHeight * (level + 1));
        write({level, index, width}, print_hashes(partial[level]));
      }
    }
    if (!entries_.empty()) {
      write({std::nullopt, edge_.size() / kTileWidth, static_cast<unsigned>(entries_.size())},
            print_bundle(entries_));
    }
    return status_;
  }

  // Every file written so far, with its name.
  Status make_durable() {
    for (const std::string& path : paths_) {
      Result<std::unique_ptr<File>> file = files_.open(path, OpenMode::kRead);
      Status synced = file ? (*file)->sync() : Status(fail(file.error()));
      if (!synced) {
        return synced;
      }
      for (std::string up = directory_of(path);
           up.size() >= folder_.size() && folders_.insert(up).second; up = directory_of(up)) {
        if (synced = files_.sync_directory(up); !synced) {
          return synced;
        }
      }
    }
    return {};
  }

  const TileEdge& edge() const { return edge_; }
  bool failed() const { return !status_; }

 private:
  void write(const TileName& name, std::string_view bytes) {
    if (status_) {
      status_ = write_tile_file(files_, folder_, name, bytes);
      paths_.push_back(folder_ + "/" + print_tile_path(name));
    }
  }

  Files& files_;
  const std::string& folder_;
  TileEdge edge_;
  std::vector<std::string> entries_;
  std::vector<std::string> paths_;
  std::set<std::string> folders_;  // synced
  Status status_;
};

// Copied as they are: the record in the log names them.
Status write_pruned(Files& files, const std::string& destination, const Pruned& pruned) {
  const std::string path = kept_path(destination, pruned.minimum.record_index);
  Status written = write_file(files, path, print_kept(pruned.kept));
  return written ? write_file(files, minimum_path(destination), print_minimum(pruned.minimum))
                 : written;
}

// A bundle that begins behind pruned entries has the record that says so.
Status begin_pruned(Files& files, const std::string& folder, const Pruned& pruned,
                    const std::optional<Checkpoint>& end, BundleWriter& writer) {
  if (end && end->size <= pruned.minimum.record_index) {
    return fail(Code::kConflict, "entries below " + std::to_string(pruned.minimum.index) +
                                     " were pruned, and a bundle that ends at " +
                                     std::to_string(end->size) +
                                     " would not have the record that says so, entry " +
                                     std::to_string(pruned.minimum.record_index));
  }
  Result<std::unique_ptr<PrunedTree>> tree = PrunedTree::open(files, folder, pruned.minimum.index);
  return tree ? writer.begin(**tree) : Status(fail(tree.error()));
}

}  // namespace

Status export_bundle(Files& files, const std::string& folder, const std::string& destination,
                     const std::optional<Checkpoint>& end) {
  Result<Source> source = find_source(files, folder);
  if (!source) {
    return fail(source.error());
  }
  if (files.exists(checkpoint_path(destination))) {
    return fail(Code::kConflict, destination +
                                     ": there is a bundle already: name another folder, or remove "
                                     "this one first");
  }
  if (Status made = make_durable_directory(files, destination); !made) {
    return made;
  }
  BundleWriter writer(files, destination);
  const Result<std::optional<Pruned>> pruned = read_pruned(files, source->folder);
  Status begun = pruned ? Status{} : Status(fail(pruned.error()));
  if (begun && *pruned) {
    begun = begin_pruned(files, source->folder, **pruned, end, writer);
  }
  if (!begun) {
    return begun;
  }
  const std::uint64_t first = writer.edge().size();
  Checkpoint last = end.value_or(Checkpoint{});
  Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    if (index < first) {
      return true;
    }
    writer.add(token);
    return !writer.failed() && (!end || writer.edge().size() < end->size);
  };
  if (!end) {
    visitor.checkpoint = [&](const Checkpoint& head) { last = head; };
  }
  if (Status read = !end || end->size > 0 ? walk(files, folder, visitor) : Status{}; !read) {
    return read;
  }
  Status written = writer.finish();
  if (written) {
    written = writer.make_durable();
  }
  if (!written) {
    return written;
  }
  if (last.note.empty()) {
    return fail(Code::kNotFound, "the ledger has no entry yet");
  }
  if (Status fits =
          check_head({{}, last.size, last.root, {}}, writer.edge().size(), writer.edge().root());
      !fits) {
    return fits;
  }
  const Result<std::string> vkey = read_file(files, vkey_path(source->folder), kMaxFrameBody);
  if (*pruned) {
    if (written = write_pruned(files, destination, **pruned); !written) {
      return written;
    }
  }
  written = vkey ? write_file(files, vkey_path(destination), *vkey)
            : vkey.error().code == Code::kNotFound ? Status{}
                                                   : Status(fail(vkey.error()));
  if (!written) {
    return written;
  }
  // Last: a bundle with a checkpoint is whole, also after a power cut.
  return write_file(files, checkpoint_path(destination), last.note);
}

}  // namespace pawl::ledger
