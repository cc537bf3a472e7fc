#include "foundation/ledger/ledger.h"

#include "foundation/ledger/frame.h"
#include "foundation/ledger/head_file.h"
#include "foundation/ledger/log_writer.h"
#include "foundation/ledger/pruning.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/scrub.h"

namespace pawl::ledger {

// In the order of construction: the writer goes first at the end, then the publisher.
struct Ledger::Impl {
  Impl(Files& files, const std::string& folder, Clock& clock, Executor executor, Options options,
       NoteSigner note_signer, VerifierKey verifier, Recovered recovered, const Checkpoint& head,
       SegmentWriter segment, std::optional<Pruned> pruned)
      : signer(std::move(note_signer)),
        log_key(std::move(verifier)),
        all_files(files),
        place(folder),
        segment_bytes(options.segment_bytes),
        tree(files, folder, recovered.state, head, std::move(pruned)),
        publisher(files, folder, options.head_file, signer, clock, options.publish_every,
                  tree.tiles(), options.threads),
        writer({files, folder, clock, std::move(executor), std::move(options), signer, tree,
                publisher},
               std::move(recovered.state), std::move(segment)) {
    if (!head.note.empty() && head.note != publisher.published()) {
      publisher.head(head.note);
    }
  }

  NoteSigner signer;
  VerifierKey log_key;
  Files& all_files;
  const std::string place;
  const std::size_t segment_bytes;
  LogTree tree;
  Publisher publisher;
  LogWriter writer;
};

namespace {

constexpr std::size_t kMaxOrigin = 256;

Status check_options(const Options& options) {
  if (options.origin.size() > kMaxOrigin) {
    return fail(Code::kInvalidParams, "the log's origin is longer than 256 bytes");
  }
  if (options.segment_bytes < kMinSegmentBytes || options.segment_bytes > kMaxSegmentBytes) {
    return fail(Code::kInvalidParams, "segment_bytes is 128 KiB to 1 GiB");
  }
  return {};
}

Status make_folder(Files& files, const std::string& folder, const std::string& vkey) {
  for (const std::string& path : {folder, segments_folder(folder)}) {
    if (Status made = make_durable_directory(files, path); !made) {
      return made;
    }
  }
  const std::string text = vkey + "\n";
  Result<std::string> present = read_file(files, vkey_path(folder), kMaxFrameBody);
  return present && *present == text ? Status{} : write_file(files, vkey_path(folder), text);
}

Result<SegmentWriter> open_segment(Files& files, const std::string& folder,
                                   const Recovered& recovered, const Recovery& recovery,
                                   std::size_t segment_bytes) {
  const Position& at = recovered.state.at;
  if (!recovered.segment_missing) {
    return SegmentWriter::resume(files, folder, recovered.last_batch, at, segment_bytes,
                                 recovery.torn_bytes > 0);
  }
  Result<SegmentWriter> fresh = SegmentWriter::make(files, folder, at, segment_bytes);
  if (fresh) {
    if (Status durable = fresh->persist(files, folder); !durable) {
      return fail(durable.error());
    }
  }
  return fresh;
}

Checkpoint last_head(const LogState& state) {
  return {state.edge.size(), state.edge.root(), state.note};
}

}  // namespace

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(Files& files, const std::string& folder,
                                             const SigningKey& log_key, Clock& clock,
                                             Executor executor, const Options& options,
                                             std::uint32_t fold_version,
                                             std::function<bool(std::string_view)> load_state,
                                             ApplyEntry apply, Recovery& recovery) {
  if (Status usable = check_options(options); !usable) {
    return fail(usable.error());
  }
  Result<NoteSigner> signer = NoteSigner::make(options.origin, log_key);
  if (!signer) {
    return fail(signer.error());
  }
  Result<VerifierKey> verifier = VerifierKey::parse(signer->vkey());
  if (!verifier) {
    return fail(verifier.error());
  }
  const Replay replay{fold_version, std::move(load_state), std::move(apply)};
  Result<Recovered> recovered = recover(files, folder, *verifier, replay, recovery);
  if (!recovered) {
    return fail(recovered.error());
  }
  if (Status newest = check_head_file(files, folder, options, *signer, *verifier,
                                      recovered->state.edge, recovered->state.note);
      !newest) {
    return fail(newest.error());
  }
  if (Status made = make_folder(files, folder, signer->vkey()); !made) {
    return fail(made.error());
  }
  Result<std::optional<Pruned>> pruned = read_pruned(files, folder);
  if (!pruned) {
    return fail(pruned.error());
  }
  if (*pruned) {
    if (Status done = finish_pruning(files, folder, (*pruned)->minimum); !done) {
      return fail(done.error());
    }
  }
  Result<SegmentWriter> segment =
      open_segment(files, folder, *recovered, recovery, options.segment_bytes);
  if (!segment) {
    return fail(segment.error());
  }
  Checkpoint head = last_head(recovered->state);
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Impl>(
      files, folder, clock, std::move(executor), options, std::move(*signer), std::move(*verifier),
      std::move(*recovered), std::move(head), std::move(*segment), *std::move(pruned))));
}

void Ledger::append_intent(Intent intent, std::function<void(Status)> done) {
  impl_->writer.append(
      {intent.id, std::move(intent.body), false, std::move(done), {}, intent.carried});
}

void Ledger::append_entry(Entry entry, std::function<void(Result<EntryRef>)> done) {
  impl_->writer.append(
      {entry.id, std::move(entry.token), entry.closes_intent, {}, std::move(done), false});
}

void Ledger::save_snapshot(std::uint64_t size, Snapshot snapshot) {
  impl_->writer.request_snapshot(size, std::move(snapshot));
}

bool Ledger::pump() {
  const bool wrote = impl_->writer.pump();
  impl_->publisher.pump();
  return wrote;
}

void Ledger::look_for_room() {
  impl_->writer.look_for_room();
}
void Ledger::stop_waiting() {
  impl_->writer.stop_waiting();
}

bool Ledger::writable() const {
  return impl_->writer.writable();
}
std::string Ledger::closed_because() const {
  return impl_->writer.closed_because();
}
void Ledger::hold(std::string why) {
  impl_->writer.hold(std::move(why));
}
void Ledger::release() {
  impl_->writer.hold({});
}
std::vector<Intent> Ledger::open_intents() const {
  return impl_->writer.open_intents();
}
std::uint64_t Ledger::size() const {
  return impl_->tree.size();
}
Checkpoint Ledger::latest() const {
  return impl_->tree.latest();
}

Result<std::string> Ledger::entry(std::uint64_t index) const {
  return impl_->tree.entry(index);
}
Result<std::string> Ledger::receipt(std::uint64_t index) const {
  return impl_->tree.receipt(index, impl_->tree.latest());
}
Result<std::string> Ledger::receipt(std::uint64_t index, const Checkpoint& head) const {
  return impl_->tree.receipt(index, head);
}
Result<std::vector<Digest>> Ledger::consistency(std::uint64_t old_size, std::uint64_t size) const {
  return impl_->tree.consistency(old_size, size);
}
Result<Digest> Ledger::root_at(std::uint64_t size) const {
  return ledger::root_at(impl_->tree.tiles(), size);
}
std::uint64_t Ledger::minimum_index() const {
  const std::optional<Pruned>& pruned = impl_->tree.pruned();
  return pruned ? pruned->minimum.index : 0;
}
const std::string& Ledger::vkey() const {
  return impl_->signer.vkey();
}

Result<std::string> Ledger::resource(std::string_view path) const {
  if (path == "checkpoint") {
    std::string note = impl_->publisher.published();
    return note.empty() ? Result<std::string>(fail(Code::kNotFound, "no checkpoint yet"))
                        : Result<std::string>(std::move(note));
  }
  if (path == "minimum") {
    const std::optional<Pruned>& pruned = impl_->tree.pruned();
    return pruned ? print_minimum(pruned->minimum)
                  : Result<std::string>(fail(Code::kNotFound, "nothing of this log was pruned"));
  }
  Result<TileName> name = parse_tile_path(path);
  return name ? impl_->tree.tile(*name) : Result<std::string>(fail(name.error()));
}

Status Ledger::keep_tiles(std::uint64_t from, std::uint64_t to) {
  return ledger::keep_tiles(impl_->all_files, impl_->place, impl_->tree.tiles(), from, to, size());
}

std::unique_ptr<ScrubPass> Ledger::scrub() const {
  const auto root = [tree = &impl_->tree](std::uint64_t size) {
    return ledger::root_at(tree->tiles(), size);
  };
  return std::make_unique<ScrubPass>(ScrubPass::Parts{
      impl_->all_files, impl_->place, impl_->log_key, impl_->tree.end(), root, {}});
}

Ledger::Stats Ledger::stats() const {
  Stats stats = impl_->writer.stats();
  const Position end = impl_->tree.end();
  const std::optional<Pruned>& pruned = impl_->tree.pruned();
  const std::uint64_t first = pruned ? pruned->minimum.at.segment : 1;
  stats.log_bytes = (end.segment - first) * impl_->segment_bytes + end.offset;
  stats.head_file_failures = impl_->publisher.head_file_failures();
  return stats;
}

}  // namespace pawl::ledger
