#include "foundation/ledger/recover.h"

#include <optional>

#include "foundation/ledger/minimum.h"
#include "foundation/ledger/scan.h"
#include "foundation/ledger/snapshot.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

std::string checkpoint_path(const std::string& folder) {
  return folder + "/checkpoint";
}
std::string snapshot_path(const std::string& folder) {
  return folder + "/snapshot";
}
std::string vkey_path(const std::string& folder) {
  return folder + "/log.vkey";
}

namespace {

class Recoverer {
 public:
  Recoverer(Files& files, const std::string& folder, const VerifierKey& log_key,
            const Replay& replay, Recovery& recovery)
      : files_(files),
        folder_(folder),
        log_key_(log_key),
        replay_(replay),
        recovery_(recovery),
        tiles_(files, folder, [this](unsigned height, std::uint64_t index) {
          return result_.state.edge.node(height, index);
        }) {}

  Result<Recovered> run() {
    const Result<std::optional<Minimum>> minimum = read_minimum(files_, folder_);
    if (!minimum) {
      return fail(minimum.error());
    }
    const Result<SnapshotFile> newest = read_snapshot(snapshot_path(folder_));
    const std::optional<SnapshotFile> snapshot = newest ? std::optional(*newest) : std::nullopt;
    std::optional<SnapshotFile> used;
    if (snapshot && snapshot->fold_version == replay_.fold_version && use_snapshot(*snapshot)) {
      used = snapshot;
    } else if (*minimum) {
      Result<SnapshotFile> base = use_base(**minimum);
      if (!base) {
        return fail(base.error());
      }
      used = *std::move(base);
    } else {
      result_ = {};
    }
    std::optional<Position> from;
    if (used) {
      recovery_.from_snapshot = true;
      from = used->at;
      if (Status applied = apply_since(used->size); !applied) {
        return fail(applied.error());
      }
    }
    Result<ScanEnd> end =
        scan_log(files_, folder_, from, [this](const Batch& batch) { return take_batch(batch); });
    if (!end) {
      return fail(end.error());
    }
    state().at = end->at;
    result_.segment_missing = end->segment_missing;
    recovery_.torn_bytes = end->torn_bytes;
    torn_ = end->torn;
    recovery_.size = state().at.size;
    recovery_.open_intents = state().intents.list();
    if (Status known = check_known_heads(snapshot); !known) {
      return fail(known.error());
    }
    return std::move(result_);
  }

 private:
  LogState& state() { return result_.state; }

  Result<SnapshotFile> read_snapshot(const std::string& path) {
    Result<std::string> bytes = read_file(files_, path, kMaxSnapshotBytes);
    return bytes ? open_snapshot(*bytes, log_key_) : Result<SnapshotFile>(fail(bytes.error()));
  }

  // The decisions that the pruned entries led to. A fold reads what earlier versions of it wrote,
  // as it does that of the log before (renewal.h).
  Result<SnapshotFile> use_base(const Minimum& minimum) {
    result_ = {};
    const std::string path = base_path(folder_, minimum.record_index);
    Result<SnapshotFile> base = read_snapshot(path);
    if (base && base->fold_version > replay_.fold_version) {
      return fail(Code::kUnsupported, path + ": a newer version wrote it");
    }
    if (base && base->size == minimum.record_index && use_snapshot(*base)) {
      return base;
    }
    return fail(Code::kBadSignature,
                path + ": " + (base ? "does not fit the log" : base.error().message) +
                    "; the entries below " + std::to_string(minimum.index) +
                    " were pruned, and what is in force on their account stands only there and in "
                    "the file snapshot: restore one of them from a backup");
  }

  // True when everything fits, up to the fold that takes its state back. Otherwise the log is
  // replayed, and tells whether it or the snapshot is at fault.
  bool use_snapshot(const SnapshotFile& snapshot) {
    if (!restore_edge(snapshot)) {
      return false;
    }
    Result<Digest> root = root_at(tiles_, snapshot.size);
    if (!root || *root != snapshot.root) {
      return false;
    }
    for (const Intent& intent : snapshot.open_intents) {
      state().intents.add(intent);
    }
    return replay_.load_state && replay_.load_state(snapshot.state);
  }

  bool restore_edge(const SnapshotFile& snapshot) {
    const std::uint64_t size = snapshot.at.size;
    const std::uint64_t first = size & ~std::uint64_t{kTileWidth - 1};
    std::vector<Digest> leaves;
    Position reached = snapshot.bundle_from;
    Result<ScanEnd> scanned =
        scan_log(files_, folder_, snapshot.bundle_from, [&](const Batch& batch) -> Result<bool> {
          if (batch.begin.batch >= snapshot.at.batch) {
            return false;
          }
          std::uint64_t index = batch.begin.size;
          for (const Frame& frame : batch.frames) {
            if (frame.kind == FrameKind::kEntry && index++ >= first) {
              state().partial.emplace_back(frame.body.substr(16));
              leaves.push_back(hash_leaf(state().partial.back()));
            }
          }
          state().note = batch.frames.back().body;
          result_.last_batch = batch.begin;
          reached = batch.end;
          return true;
        });
    if (!scanned || reached.batch != snapshot.at.batch || reached.size != size) {
      return false;
    }
    std::vector<std::vector<Digest>> partial = {std::move(leaves)};
    partial.insert(partial.end(), snapshot.upper.begin(), snapshot.upper.end());
    Result<TileEdge> edge = TileEdge::restore(size, partial);
    if (!edge) {
      return false;
    }
    state().edge = std::move(*edge);
    state().at = snapshot.at;
    state().bundle_from = snapshot.bundle_from;
    if (state().note.empty()) {
      return size == 0;
    }
    Result<TreeHead> head = read_checkpoint(state().note);
    return head && check_head(*head, size, state().edge.root());
  }

  // The entries that stand before the position of the snapshot but after its decision state.
  Status apply_since(std::uint64_t size) {
    const std::uint64_t first_partial = state().edge.size() - state().partial.size();
    for (std::uint64_t index = size; index < state().edge.size(); ++index) {
      if (index >= first_partial) {
        apply(index, state().partial[index - first_partial]);
        continue;
      }
      Result<Tiles::Bundle> bundle = tiles_.bundle(index / kTileWidth);
      if (!bundle) {
        return fail(bundle.error());
      }
      apply(index, (**bundle)[index % kTileWidth]);
    }
    return {};
  }

  void apply(std::uint64_t index, std::string_view token) {
    ++recovery_.replayed;
    if (replay_.apply) {
      replay_.apply(index, token);
    }
  }

  Result<bool> take_batch(const Batch& batch) {
    Added added;
    for (const Frame& frame : batch.frames) {
      if (frame.kind == FrameKind::kCheckpoint) {
        state().note = frame.body;
        continue;
      }
      const Uuid id = uuid_of(frame.body);
      const std::string_view bytes = frame.body.substr(16);
      if (frame.kind == FrameKind::kIntent) {
        state().intents.add({id, std::string(bytes)});
        continue;
      }
      apply(state().edge.size(), bytes);
      state().add_entry(batch.begin, id, std::string(bytes), added);
    }
    result_.last_batch = batch.begin;
    restore_derived(added);
    Result<TreeHead> head = read_checkpoint(state().note);
    Status fits = head ? check_head(*head, batch.end.size, state().edge.root())
                       : Status(fail(Code::kBadSignature, head.error().message));
    if (!fits) {
      return fail(Code::kBadSignature, place(batch.begin.segment, batch.begin.offset,
                                             fits.error().message, batch.begin.size));
    }
    return true;
  }

  void restore_derived(const Added& added) {
    for (const FullTile& tile : added.tiles) {
      if (!files_.exists(folder_ + "/" + print_tile_path({tile.level, tile.index, kTileWidth}))) {
        tiles_.store(tile);
      }
    }
  }

  // The last checkpoint is ours, and no signed file of ours knows a longer or another log.
  Status check_known_heads(const std::optional<SnapshotFile>& snapshot) {
    if (!state().note.empty()) {
      Result<TreeHead> head = read_checkpoint(state().note);
      if (head && head->origin != log_key_.name) {
        return fail(Code::kConflict,
                    "the ledger belongs to the log " + head->origin + ", not to " + log_key_.name);
      }
      if (Result<TreeHead> opened = open_checkpoint(state().note, log_key_); !opened) {
        return fail_at("last checkpoint", opened.error());
      }
    }
    if (snapshot && snapshot->at.size > state().edge.size()) {
      return ends_early(snapshot->at.size, "a signed snapshot");
    }
    Result<std::string> note = read_file(files_, checkpoint_path(folder_), kMaxFrameBody);
    if (!note) {
      return note.error().code == Code::kNotFound ? Status{} : Status(fail(note.error()));
    }
    Result<TreeHead> published = open_checkpoint(*note, log_key_);
    if (!published) {
      return fail(Code::kBadSignature, "file checkpoint: " + published.error().message);
    }
    if (published->size > state().edge.size()) {
      return ends_early(published->size, "the published checkpoint");
    }
    Result<Digest> root = root_at(tiles_, published->size);
    if (!root) {
      return fail(root.error());
    }
    Status fits = check_head(*published, published->size, *root);
    return fits ? fits : Status(fail_at("file checkpoint", fits.error()));
  }

  Status ends_early(std::uint64_t known, std::string_view by) {
    return fail(Code::kBadSignature, too_short(state().edge.size(), known, by, torn_));
  }

  Files& files_;
  const std::string& folder_;
  const VerifierKey& log_key_;
  const Replay& replay_;
  Recovery& recovery_;
  Recovered result_;
  std::string torn_;
  Tiles tiles_;
};

}  // namespace

Result<Recovered> recover(Files& files, const std::string& folder, const VerifierKey& log_key,
                          const Replay& replay, Recovery& recovery) {
  recovery = {};
  return Recoverer(files, folder, log_key, replay, recovery).run();
}

}  // namespace pawl::ledger
