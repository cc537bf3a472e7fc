#include "foundation/ledger/verify.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "foundation/ledger/bundle_reader.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/log_checker.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/pruned_check.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/scan.h"
#include "foundation/ledger/source.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kHowToPin =
    "a log cannot vouch for itself: pin its keys with `pawl trust pin` on the machine that you "
    "trust, and verify with --trust FILE";

std::string suspect_text(const SuspectEntries& suspect) {
  const bool one = suspect.entries == 1;
  return (one ? "entry " + std::to_string(suspect.first) + " is"
              : std::to_string(suspect.entries) + " of the entries " +
                    std::to_string(suspect.first) + " to " + std::to_string(suspect.last) +
                    " are") +
         " suspect: " + (one ? "its" : "their") + " key was reported as compromised since " +
         format_rfc3339(WallTime{suspect.since_s * 1'000'000});
}

// One verification: what was found bad comes first, then what could not be decided.
class FolderCheck {
 public:
  FolderCheck(Files& files, const Source& source, const Trust* trust, const VerifierKey* log_key,
              const EntryLook& look)
      : files_(files),
        folder_(source.folder),
        trust_(trust),
        log_key_(log_key),
        checker_(trust, log_key, look) {
    if (trust_ != nullptr && !trust_->pinned_root.empty()) {
      pins_.push_back({{trust_->pinned_size, trust_->pinned_root}, {}});
    }
    if (trust_ != nullptr && trust_->later_head) {
      pins_.push_back({*trust_->later_head, {}});
    }
  }

  Report run(bool is_bundle) {
    // Before the segments: a live daemon publishes only what it has written to them.
    Status done = read_published();
    if (done) {
      done = begin_at_minimum();
    }
    if (done) {
      done = is_bundle ? check_bundle() : check_segments();
    }
    checker_.finish();
    if (!done) {
      note_error(done.error());
    } else {
      check_pruning();
      check_published();
      for (const Pin& pin : pins_) {
        check_pin(pin, is_bundle);
      }
    }
    checker_.find_duplicates();
    return report();
  }

 private:
  struct Pin {
    PinnedHead head;
    std::optional<Digest> found;  // the root of the entries at its size
  };

  std::vector<FullTile> add_leaf(std::string_view token) {
    std::vector<FullTile> full = edge_.append(hash_leaf(token));
    if (edge_.size() == published_.size) {
      published_root_ = edge_.root();
    }
    for (Pin& pin : pins_) {
      if (edge_.size() == pin.head.size) {
        pin.found = edge_.root();
      }
    }
    return full;
  }

  Status read_published() {
    Result<std::string> note = read_file(files_, checkpoint_path(folder_), kMaxFrameBody);
    if (!note) {
      return note.error().code == Code::kNotFound ? Status{} : Status(fail(note.error()));
    }
    Result<TreeHead> head =
        log_key_ != nullptr ? open_checkpoint(*note, *log_key_) : read_checkpoint(*note);
    if (!head) {
      return head.error().code == Code::kUndecidable
                 ? Status(fail(head.error()))
                 : Status(fail(Code::kBadSignature, "file checkpoint: " + head.error().message));
    }
    published_ = std::move(*head);
    published_note_ = *std::move(note);
    has_published_ = true;
    return {};
  }

  // A pruned log begins with the tree of what is gone, and with what is kept of it.
  Status begin_at_minimum() {
    Result<std::unique_ptr<PrunedCheck>> pruned = PrunedCheck::open(files_, folder_);
    if (!pruned || *pruned == nullptr) {
      return pruned ? Status{} : Status(fail(pruned.error()));
    }
    pruned_ = *std::move(pruned);
    first_ = pruned_->first();
    edge_ = pruned_->edge();
    Status early = pruned_->find_root(published_.size, published_root_);
    for (Pin& pin : pins_) {
      early = early ? pruned_->find_root(pin.head.size, pin.found) : early;
    }
    return early ? pruned_->each_kept([this](std::uint64_t index, const std::string& token) {
      checker_.add_entry(index, std::nullopt, token);
    })
                 : early;
  }

  // Entries that are gone without a signed word of it are an altered log.
  void check_pruning() {
    if (pruned_ != nullptr) {
      const Result<PrunedRange> found = pruned_->result();
      if (found) {
        found_pruned_ = *found;
      } else {
        note_bad(found.error().message);
      }
    }
  }

  void take_entry(std::uint64_t index, const std::optional<Uuid>& id, std::string_view token) {
    if (pruned_ != nullptr) {
      pruned_->see(index, token);
    }
    checker_.add_entry(index, id, token);
  }

  Status check_segments() {
    Result<ScanEnd> end = scan_log(files_, folder_, std::nullopt,
                                   [this](const Batch& batch) { return check_batch(batch); });
    if (!end) {
      return fail(end.error());
    }
    torn_bytes_ = end->torn_bytes;
    torn_ = end->torn;
    return {};
  }

  Result<bool> check_batch(const Batch& batch) {
    std::uint64_t index = batch.begin.size;
    for (const Frame& frame : batch.frames) {
      if (frame.kind == FrameKind::kIntent) {
        intents_.add({uuid_of(frame.body), {}});
        continue;
      }
      if (frame.kind == FrameKind::kEntry) {
        const std::uint64_t number = index++;
        const Uuid id = uuid_of(frame.body);
        const bool was_open = intents_.close(id);
        if (number < first_) {
          continue;  // of the first segment that is kept: what stands before the minimum index
        }
        if (number != edge_.size()) {
          return fail(Code::kBadSignature, "entry " + std::to_string(edge_.size()) + " is missing");
        }
        // The intent may stand in a segment that was pruned.
        if (was_open != frame.closes_intent && (pruned_ == nullptr || !frame.closes_intent)) {
          note_bad("entry " + std::to_string(number) + " (id " + id.text() + "): it " +
                   (frame.closes_intent ? "closes an intent that is not there"
                                        : "leaves the intent open whose outcome it is"));
        }
        take_entry(number, id, frame.body.substr(16));
        add_leaf(frame.body.substr(16));
        continue;
      }
      Result<TreeHead> head = read_checkpoint(frame.body);
      if (!head) {
        return fail(Code::kBadSignature, place(batch.begin.segment, batch.begin.offset,
                                               head.error().message, edge_.size()));
      }
      size_ = head->size;
      checker_.add_checkpoint(head->size, frame.body);
      if (index < first_) {
        continue;
      }
      if (Status fits = check_head(*head, edge_.size(), edge_.root()); !fits) {
        return fail(fits.error());
      }
    }
    return true;
  }

  Status check_bundle() {
    if (!has_published_) {
      return fail(Code::kUndecidable, "the bundle has no checkpoint");
    }
    size_ = published_.size;
    Status tiles;
    Status read = read_bundles(
        files_, folder_, first_, published_.size, [&](std::uint64_t index, std::string_view token) {
          take_entry(index, std::nullopt, token);
          for (const FullTile& tile : add_leaf(token)) {
            if (tiles) {
              tiles = compare_tile({tile.level, tile.index, kTileWidth}, tile.hashes);
            }
          }
          return tiles.has_value();
        });
    if (!read) {
      return read;
    }
    const std::vector<std::vector<Digest>> partial = edge_.partial();
    for (unsigned level = 0; tiles && level < partial.size(); ++level) {
      if (!partial[level].empty()) {
        tiles = compare_tile({level, edge_.size() >> (kTileHeight * (level + 1)),
                              static_cast<unsigned>(partial[level].size())},
                             partial[level]);
      }
    }
    return tiles;
  }

  Status compare_tile(const TileName& name, const std::vector<Digest>& hashes) {
    Result<std::string> bytes = read_tile_file(files_, folder_, name);
    if (!bytes) {
      return fail(bytes.error());
    }
    if (*bytes != print_hashes(hashes)) {
      return fail(Code::kBadSignature, print_tile_path(name) + ": differs from the entries");
    }
    return {};
  }

  void check_published() {
    if (published_.size == 0) {
      published_root_ = empty_root();
    }
    if (has_published_) {
      if (!published_root_) {
        note_bad(too_short(edge_.size(), published_.size, "the published checkpoint", torn_));
      } else if (Status fits = check_head(published_, published_.size, *published_root_); !fits) {
        note_bad(fits.error().message);
      }
    }
  }

  // A bundle is a copy of its time: an honest one is shorter than a pin that was taken later.
  void check_pin(const Pin& pin, bool is_bundle) {
    const std::uint64_t size = pin.head.size;
    const std::string pinned = "the pinned head of size " + std::to_string(size);
    const Digest root = size == 0 ? empty_root() : pin.found.value_or(Digest{});
    if (is_bundle && edge_.size() < size) {
      note_error(
          {Code::kUndecidable, "it ends before your pinned head (" + std::to_string(edge_.size()) +
                                   " of " + std::to_string(size) +
                                   "): export it anew, or verify it with a pin of its time"});
    } else if (edge_.size() < size) {
      note_bad(too_short(edge_.size(), size, pinned, torn_));
    } else if (base64_encode(view(root)) != pin.head.root) {
      note_bad("the log does not extend " + pinned + ": its first entries were changed");
    }
  }

  void note_error(const Error& error) {
    if (error.code == Code::kBadSignature) {
      note_bad(error.message);
    } else if (unknown_.empty()) {
      unknown_ = error.message;
    }
  }
  void note_bad(const std::string& what) {
    if (bad_.empty()) {
      bad_ = what;
    }
  }

  Report report() {
    Report report;
    checker_.fill(report);
    report.size = size_;
    report.checkpoint = published_note_;
    report.open_intents = intents_.list().size();
    report.pruned = found_pruned_;
    // A bad entry says more than the root that it made differ, so it is named first.
    report.first_bad = checker_.first_bad().empty() ? bad_ : checker_.first_bad();
    const std::string& unknown = unknown_.empty() ? checker_.first_unknown() : unknown_;
    if (!report.first_bad.empty()) {
      report.verdict = Verdict::kBad;
      report.reason = "the log was altered: " + report.first_bad;
    } else if (!unknown.empty()) {
      report.reason = "cannot decide: " + unknown;
    } else if (report.suspect.entries > 0) {
      report.reason = "cannot decide: " + suspect_text(report.suspect);
    } else if (trust_ == nullptr) {
      report.reason = "nothing contradicts itself, but " + std::string(kHowToPin);
    } else if (size_ == 0) {
      report.reason = "the log has no entries yet";
      report.is_empty = edge_.size() == 0;
    } else {
      report.verdict = Verdict::kGood;
      report.reason = std::to_string(report.entries) +
                      (report.entries == 1 ? " entry" : " entries") +
                      " and every checkpoint verify";
      if (pruned_ != nullptr) {
        report.reason += "; " + pruned_range_text(report.pruned);
      }
      if (torn_bytes_ > 0) {
        report.reason += "; " + std::to_string(torn_bytes_) +
                         " bytes of an unfinished write at the end were left out";
      }
    }
    return report;
  }

  Files& files_;
  const std::string folder_;
  const Trust* trust_;
  const VerifierKey* log_key_;
  LogChecker checker_;
  TileEdge edge_;
  OpenIntents intents_;
  TreeHead published_;
  std::string published_note_;
  bool has_published_ = false;
  std::optional<Digest> published_root_;  // of the entries, at the published size
  std::vector<Pin> pins_;
  std::unique_ptr<PrunedCheck> pruned_;  // null: nothing was pruned
  std::uint64_t first_ = 0;              // the minimum index
  PrunedRange found_pruned_;
  std::uint64_t size_ = 0;
  std::uint64_t torn_bytes_ = 0;
  std::string torn_;
  std::string bad_;
  std::string unknown_;
};

Report undecided(std::string reason) {
  Report report;
  report.reason = "cannot decide: " + std::move(reason);
  return report;
}

}  // namespace

Report verify_folder(Files& files, const std::string& path, const std::optional<Trust>& trust,
                     const EntryLook& look) {
  Result<Source> source = find_source(files, path);
  if (!source) {
    return undecided(source.error().message);
  }
  if (!trust) {
    return FolderCheck(files, *source, nullptr, nullptr, look).run(source->is_bundle);
  }
  Result<VerifierKey> log_key = VerifierKey::parse(trust->log_vkey);
  if (!log_key) {
    return undecided("the trust file's log key: " + log_key.error().message);
  }
  return FolderCheck(files, *source, &*trust, &*log_key, look).run(source->is_bundle);
}

}  // namespace pawl::ledger
