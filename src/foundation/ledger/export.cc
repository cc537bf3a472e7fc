#include <set>
#include <vector>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/log_state.h"
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

}  // namespace

Status export_bundle(Files& files, const std::string& folder, const std::string& destination,
                     const std::optional<Checkpoint>& end) {
  Result<Source> source = find_source(files, folder);
  if (!source) {
    return fail(source.error());
  }
  if (files.exists(checkpoint_path(destination))) {
    return fail(Code::kConflict, destination + ": there is a bundle already");
  }
  if (Status made = make_durable_directory(files, destination); !made) {
    return made;
  }
  BundleWriter writer(files, destination);
  Checkpoint last = end.value_or(Checkpoint{});
  Visitor visitor;
  visitor.entry = [&](std::uint64_t, std::string_view token) {
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
