#include "foundation/ledger/scrub.h"

#include <algorithm>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/scan.h"
#include "foundation/ledger/snapshot.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kWindow = 256 * 1024;  // at least the largest frame
constexpr std::size_t kIdBytes = 16;

// Only what looks like one of our ids: damaged bytes must not pass for a name.
std::string id_in(std::string_view frame) {
  if (frame.size() < kFrameHeader + kIdBytes) {
    return {};
  }
  const Uuid id = uuid_of(frame.substr(kFrameHeader));
  const int version = id.bytes[6] >> 4;
  return version == 7 || version == 8 ? id.text() : std::string();
}

}  // namespace

std::string Damage::text() const {
  return file + " offset " + std::to_string(offset) + ": " + what + " (at entry " +
         std::to_string(index) + (id.empty() ? "" : ", id " + id) + ")";
}

Result<std::size_t> ScrubPass::step(std::size_t bytes) {
  read_ = 0;
  while (read_ < bytes && !done()) {
    if (Status went = advance(); !went) {
      return fail(went.error());
    }
  }
  return read_;
}

Status ScrubPass::advance() {
  switch (phase_) {
    case Phase::kStart:
      phase_ = parts_.end == Position{} ? Phase::kHeads : Phase::kHeader;
      if (Status begun = begin_at_minimum(); !begun) {
        return begun;
      }
      return read_published();
    case Phase::kPruned:
      return read_pruned_tiles();
    case Phase::kHeader:
      return read_header();
    case Phase::kFrames:
      return read_frames();
    case Phase::kZeros:
      return read_zeros();
    case Phase::kHeads:
      return read_heads();
    case Phase::kDone:
      break;
  }
  return {};
}

Status ScrubPass::bad(std::string what, std::string_view frame) {
  damage_ = Damage{"segments/" + segment_name(at_.segment), at_.offset, edge_.size(), id_in(frame),
                   std::move(what)};
  return fail(Code::kBadSignature, damage_->text());
}

Status ScrubPass::bad_file(const std::string& file, std::string what) {
  damage_ = Damage{file, 0, edge_.size(), {}, std::move(what)};
  return fail(Code::kBadSignature, damage_->text());
}

// Signed heads are read first: the entries must then lead to them.
Status ScrubPass::read_published() {
  if (Result<std::string> note =
          read_file(parts_.files, checkpoint_path(parts_.folder), kMaxFrameBody)) {
    Result<TreeHead> head = open_checkpoint(*note, parts_.log_key);
    if (!head) {
      return bad_file("checkpoint", head.error().message);
    }
    published_ = *std::move(note);
    published_size_ = head->size;
  } else if (note.error().code != Code::kNotFound) {
    return fail(note.error());
  }
  Result<std::string> bytes =
      read_file(parts_.files, snapshot_path(parts_.folder), kMaxSnapshotBytes);
  Result<SnapshotFile> snapshot =
      bytes ? open_snapshot(*bytes, parts_.log_key) : Result<SnapshotFile>(fail(bytes.error()));
  if (snapshot) {
    has_snapshot_ = true;
    snapshot_size_ = snapshot->size;
    snapshot_root_ = snapshot->root;
  } else {
    snapshot_damaged_ =
        snapshot.error().code != Code::kNotFound && snapshot.error().code != Code::kUnsupported;
  }
  return {};
}

Result<std::string_view> ScrubPass::window(std::size_t wanted) {
  const auto held = [&] {
    const std::uint64_t end = window_at_ + window_.size();
    return at_.offset >= window_at_ && at_.offset <= end &&
           (at_.offset + wanted <= end || window_is_last_);
  };
  if (!held()) {
    Result<std::string> bytes = file_->read_at(at_.offset, kWindow);
    if (!bytes) {
      return fail(bad("cannot be read: " + bytes.error().message).error());
    }
    read_ += bytes->size();
    window_at_ = at_.offset;
    window_ = *std::move(bytes);
    window_is_last_ = window_.size() < kWindow;
  }
  return std::string_view(window_).substr(at_.offset - window_at_);
}

Status ScrubPass::read_header() {
  at_.offset = 0;
  window_.clear();
  window_is_last_ = false;
  Result<std::unique_ptr<File>> file =
      parts_.files.open(segment_path(parts_.folder, at_.segment), OpenMode::kRead);
  if (!file) {
    return file.error().code == Code::kNotFound ? bad("the segment is missing")
                                                : Status(fail(file.error()));
  }
  file_ = *std::move(file);
  Result<std::string_view> bytes = window(kSegmentHeader);
  if (!bytes) {
    return fail(bytes.error());
  }
  const Result<Position> header = parse_segment_header(*bytes);
  const Position expected{at_.segment, kSegmentHeader, at_.batch, at_.size};
  if (!header || *header != expected) {
    return bad(header ? "the segment does not follow the one before it" : header.error().message);
  }
  at_ = expected;
  phase_ = Phase::kFrames;
  return {};
}

Status ScrubPass::read_frames() {
  if (at_.segment == parts_.end.segment && at_.offset >= parts_.end.offset) {
    if (at_ != parts_.end || in_batch_) {
      return bad("the entries do not add up to what the log's writer counted");
    }
    phase_ = Phase::kHeads;
    return {};
  }
  Result<std::string_view> bytes = window(kFrameHeader + kMaxFrameBody + kFrameAlign);
  return bytes ? take_frame(*bytes) : Status(fail(bytes.error()));
}

Status ScrubPass::take_frame(std::string_view bytes) {
  const FrameRead read = read_frame(bytes, 0);
  if (read.what == FrameRead::What::kBad) {
    return bad(read.reason, bytes);
  }
  if (read.what == FrameRead::What::kEnd) {
    if (in_batch_ || at_.segment >= parts_.end.segment) {
      return bad("zeros where a frame belongs");
    }
    phase_ = Phase::kZeros;
    return {};
  }
  const Frame& frame = read.frame;
  if (frame.batch != at_.batch) {
    return bad("a frame of batch " + std::to_string(frame.batch) + " where batch " +
                   std::to_string(at_.batch) + " belongs",
               bytes);
  }
  Status taken;
  in_batch_ = frame.kind != FrameKind::kCheckpoint;
  if (frame.kind == FrameKind::kEntry) {
    const bool is_pruned = minimum_ && at_.size < minimum_->index;
    taken = is_pruned ? Status{} : take_entry(frame.body.substr(kIdBytes));
    ++at_.size;
  } else if (frame.kind == FrameKind::kCheckpoint) {
    taken = take_checkpoint(frame.body);
    ++at_.batch;
  }
  at_.offset += read.size;
  return taken;
}

Status ScrubPass::take_entry(std::string_view token) {
  if (minimum_ && edge_.size() == minimum_->record_index) {
    statement_ = token;
  }
  partial_.emplace_back(token);
  const std::vector<FullTile> full = edge_.append(hash_leaf(token));
  if (edge_.size() == published_size_) {
    published_seen_ = edge_.root();
  }
  if (edge_.size() == snapshot_size_) {
    snapshot_seen_ = edge_.root();
  }
  for (const FullTile& tile : full) {
    if (tile.level == 0) {
      if (Status same =
              compare_derived({std::nullopt, tile.index, kTileWidth}, print_bundle(partial_));
          !same) {
        return same;
      }
      partial_.clear();
    }
    if (Status same =
            compare_derived({tile.level, tile.index, kTileWidth}, print_hashes(tile.hashes));
        !same) {
      return same;
    }
  }
  return {};
}

Status ScrubPass::take_checkpoint(std::string_view note) {
  if (note == note_) {
    return {};  // a batch without entries repeats it
  }
  if (minimum_ && at_.size < minimum_->index) {
    return {};  // of entries that were pruned
  }
  // The frame's check covers the signature's bytes; one a segment shows that the key is right.
  const bool verify = verified_in_ != at_.segment;
  Result<TreeHead> head = verify ? open_checkpoint(note, parts_.log_key) : read_checkpoint(note);
  Status fits = head ? check_head(*head, edge_.size(), edge_.root())
                     : Status(fail(Code::kBadSignature, "checkpoint: " + head.error().message));
  if (!fits) {
    return bad(fits.error().message);
  }
  verified_in_ = at_.segment;
  note_ = note;
  return {};
}

// Derived files are a cache of the segments, so the segments heal them.
Status ScrubPass::compare_derived(const TileName& name, const std::string& bytes) {
  Result<std::string> present = read_file(parts_.files, parts_.folder + "/" + print_tile_path(name),
                                          std::max<std::size_t>(1, bytes.size()));
  read_ += bytes.size();
  const bool on_demand = !name.level;  // a bundle stands there only if somebody asked for it
  if (present ? *present == bytes : on_demand && present.error().code == Code::kNotFound) {
    return {};
  }
  ++repaired_;
  // Best effort: readers check what they read, and make it again themselves.
  (void)write_tile_file(parts_.files, parts_.folder, name, bytes);
  return {};
}

// After the last batch of a segment that has a successor there are only zeros.
Status ScrubPass::read_zeros() {
  Result<std::string_view> bytes = window(kWindow);
  if (!bytes) {
    return fail(bytes.error());
  }
  const std::size_t found = bytes->find_first_not_of('\0');
  at_.offset += std::min(found, bytes->size());
  if (found != bytes->npos) {
    return bad("bytes behind the last batch of the segment");
  }
  if (bytes->empty()) {
    at_ = {at_.segment + 1, kSegmentHeader, at_.batch, at_.size};
    // A next segment without a batch holds nothing yet.
    phase_ = at_ == parts_.end ? Phase::kHeads : Phase::kHeader;
  }
  return {};
}

Status ScrubPass::check_root(const std::string& file, const std::string& name, std::uint64_t size,
                             const Digest& root, const std::optional<Digest>& seen) {
  std::optional<Digest> expected = size == 0 ? empty_root() : seen;
  if (!expected && minimum_ && size <= minimum_->index) {
    const Result<Digest> early = root_at(pruned_->tiles(), size);
    expected = early ? std::optional(*early) : std::nullopt;
  }
  if (!expected && parts_.tree_root) {
    Result<Digest> running = parts_.tree_root(size);  // published after this pass began
    if (!running) {
      return running.error().code == Code::kNotFound ? bad_file(file, running.error().message)
                                                     : Status(fail(running.error()));
    }
    expected = *running;
  }
  if (!expected) {
    return bad_file(file, too_short(edge_.size(), size, name, parts_.torn));
  }
  return *expected == root ? Status{}
                           : bad_file(file, name + ": its root is not that of the entries");
}

Status ScrubPass::read_heads() {
  file_.reset();
  phase_ = Phase::kDone;
  if (Status said = check_statement(); !said) {
    return said;
  }
  if (parts_.tree_root && edge_.size() > 0) {
    Result<Digest> running = parts_.tree_root(edge_.size());
    if (!running) {
      return fail(running.error());
    }
    if (*running != edge_.root()) {
      return bad("the entries do not give the root of the running tree");
    }
  }
  if (!published_.empty()) {
    const Result<TreeHead> head = read_checkpoint(published_);
    if (Status fits = check_root("checkpoint", "the published checkpoint", head->size, head->root,
                                 published_seen_);
        !fits) {
      return fits;
    }
  }
  if (has_snapshot_) {
    const Status fits =
        check_root("snapshot", "the snapshot", snapshot_size_, snapshot_root_, snapshot_seen_);
    if (!fits && fits.error().code == Code::kBadSignature) {
      damage_.reset();
      snapshot_damaged_ = true;
    }
  }
  return {};
}

Result<std::unique_ptr<ScrubPass>> scrub_folder(Files& files, const std::string& folder) {
  Result<std::string> text = read_file(files, vkey_path(folder), kMaxFrameBody);
  if (!text) {
    return fail(text.error());
  }
  Result<VerifierKey> key = VerifierKey::parse(text->substr(0, text->find('\n')));
  if (!key) {
    return fail_at(vkey_path(folder), key.error());
  }
  constexpr std::uint64_t kNewest = std::uint64_t{1} << 62;
  Result<std::optional<Position>> last = find_segment(files, folder, kNewest);
  if (!last) {
    return fail(last.error());
  }
  Result<ScanEnd> end =
      scan_log(files, folder, *last, [](const Batch&) -> Result<bool> { return true; });
  if (!end) {
    return fail(end.error());
  }
  return std::make_unique<ScrubPass>(
      ScrubPass::Parts{files, folder, *std::move(key), end->at, {}, end->torn});
}

}  // namespace pawl::ledger
