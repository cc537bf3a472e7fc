#include "foundation/ledger/log_writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "base/os/background_thread.h"
#include "foundation/ledger/frame.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kMaxBatchBytes = 4u << 20;
constexpr std::size_t kLargestFrame = frame_size(kMaxFrameBody);
constexpr std::size_t kHeadReserve = 4096;  // of a segment, for the checkpoint frame

// No NUL: so that no body can hold what looks like a frame, whose header has some.
Status check_bytes(const Append& append) {
  const std::size_t most = append.is_intent() ? kMaxIntent : kMaxToken;
  if (append.bytes.size() > most) {
    return fail(Code::kTooLarge, "a ledger " +
                                     std::string(append.is_intent() ? "intent" : "entry") +
                                     " has at most " + std::to_string(most) + " bytes");
  }
  if (append.bytes.empty() || append.bytes.find('\0') != append.bytes.npos) {
    return fail(Code::kInvalidParams, "a ledger intent or entry is text without NUL, not empty");
  }
  return {};
}

std::size_t batch_limit(const Options& options) {
  return std::min(kMaxBatchBytes, options.segment_bytes - kSegmentHeader - kHeadReserve);
}

}  // namespace

// One batch between building and acknowledging.
struct LogWriter::Batch {
  Position begin;
  std::string bytes;
  Added added;
  std::vector<std::string> tokens;
  Checkpoint head;
};

LogWriter::~LogWriter() {
  close();
}

LogWriter::LogWriter(Parts parts, LogState state, SegmentWriter segment)
    : parts_(std::move(parts)),
      state_(std::move(state)),
      segment_(std::move(segment)),
      space_(parts_.files, parts_.folder, parts_.clock, parts_.options.reserve_bytes),
      queue_(parts_.options.max_queue, parts_.options.batch_entries, parts_.options.batch_wait,
             batch_limit(parts_.options), parts_.options.path_turns) {
  space_.look(state_.intents.size());
  if (parts_.options.threads) {
    thread_ = std::thread([this] { run(); });
  }
}

void LogWriter::close() {
  {
    MutexLock lock(mutex_);
    if (closed_) {
      return;
    }
    closed_ = true;
  }
  queue_.close();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    while (pump()) {
    }
    refuse_waiting();
  }
}

void LogWriter::append(Append append) {
  Error error{Code::kEvidenceUnavailable, std::string(kClosed)};
  if (Status fits = check_bytes(append); !fits) {
    error = fits.error();
  } else if (!failed_) {
    if (queue_.push(append)) {
      return;
    }
    ++refused_full_;
    error = {Code::kOverloaded, "the ledger's queue is full"};
  }
  std::vector<Append> refused;
  refused.push_back(std::move(append));
  fail_all(refused, error);
}

void LogWriter::request_snapshot(std::uint64_t size, Snapshot snapshot) {
  {
    MutexLock lock(mutex_);
    snapshot_ = {size, std::move(snapshot)};
  }
  queue_.wake();
}

void LogWriter::stop_waiting() {
  patient_ = false;
  queue_.wake();
}

void LogWriter::run() {
  become_batch_thread();  // on a core shared with the path: larger batches, fewer switches
  std::vector<Append> appends;
  while (queue_.take(appends)) {
    serve(appends);
  }
  refuse_waiting();
  cut_snapshot();
}

bool LogWriter::pump() {
  PAWL_CHECK(!parts_.options.threads, "the writer's own thread pumps");
  std::vector<Append> appends;
  const bool any = queue_.take_waiting(appends);
  serve(appends);  // also without any: room may have come back
  return any;
}

void LogWriter::serve(std::vector<Append>& appends) {
  space_.look(state_.intents.size());
  sign_waiting();
  if (no_room_ && waiting_.empty() && !failed_) {
    no_room_ = !make_room(kLargestFrame) && !failed_;
  }
  while (!waiting_.empty() && (failed_ || try_batch(waiting_.front()))) {
    if (failed_) {
      fail_all(waiting_.front(), {Code::kEvidenceUnavailable, std::string(kClosed)});
    }
    waiting_.pop_front();
  }
  if (!appends.empty()) {
    write_batch(appends);
  }
  if (!patient_) {
    refuse_waiting();
  }
  cut_snapshot();
}

void LogWriter::write_batch(std::vector<Append>& appends) {
  if (space_.is_low() || held_) {
    refuse_intents(appends, {Code::kEvidenceUnavailable, closed_because()});
  }
  if (const std::size_t most = space_.affordable_intents(); most < appends.size()) {
    refuse_intents(appends, {Code::kEvidenceUnavailable, std::string(kFull)}, most);
  }
  if (failed_) {
    fail_all(appends, {Code::kEvidenceUnavailable, std::string(kClosed)});
  } else if (!waiting_.empty() || !try_batch(appends)) {
    refuse_intents(appends, why_closed());
    if (!appends.empty()) {
      waiting_.push_back(std::move(appends));
    }
  }
}

void LogWriter::refuse_waiting() {
  if (unsigned_ != nullptr) {  // it is part of the state, which can no longer be written
    close_for_writing(unsigned_->second, why_closed());
    unsigned_.reset();
  }
  for (std::vector<Append>& left : std::exchange(waiting_, {})) {
    fail_all(left,
             {Code::kEvidenceUnavailable, failed_ ? std::string(kClosed) : std::string(kFull)});
  }
}

void LogWriter::refuse_intents(std::vector<Append>& appends, const Error& error, std::size_t keep) {
  const auto stays = [&](const Append& a) {
    return !a.is_intent() || a.carried || (keep > 0 && keep-- > 0);
  };
  const auto kept = std::stable_partition(appends.begin(), appends.end(), stays);
  std::vector<Append> refused(std::make_move_iterator(kept),
                              std::make_move_iterator(appends.end()));
  appends.erase(kept, appends.end());
  fail_all(refused, error);
}

void LogWriter::close_for_writing(std::vector<Append>& appends, const Error& error) {
  failed_ = true;
  fail_all(appends, {Code::kEvidenceUnavailable, "the ledger could not record: " + error.message});
}

bool LogWriter::try_batch(std::vector<Append>& appends) {
  if (appends.empty()) {
    return true;
  }
  if (unsigned_ != nullptr) {
    return false;
  }
  Batch batch = lay_out(appends);
  const Status room = make_room(batch.bytes.size());
  no_room_ = !room && !failed_;
  if (!room) {
    if (failed_) {
      close_for_writing(appends, room.error());
    }
    return failed_;
  }
  fold(batch, appends);
  unsigned_ =
      std::make_unique<std::pair<Batch, std::vector<Append>>>(std::move(batch), std::move(appends));
  appends.clear();
  sign_waiting();
  return true;
}

// The batch that is folded, if there is one: nothing is written between it and the one before.
void LogWriter::sign_waiting() {
  if (unsigned_ == nullptr || failed_) {
    return;
  }
  const Status signed_now = sign_head(unsigned_->first);
  if (!signed_now) {
    {
      MutexLock lock(mutex_);
      not_signing_because_ = "the key of the log does not sign: " + signed_now.error().message;
    }
    if (!not_signing_.exchange(true)) {
      log(LogLevel::kError, "log_not_signed", {{"reason", signed_now.error().message}});
    }
    return;
  }
  if (not_signing_.exchange(false)) {
    log(LogLevel::kInfo, "log_signed_again", {});
  }
  const auto ready = std::exchange(unsigned_, nullptr);
  finish(std::move(ready->first), std::move(ready->second));
}

void LogWriter::finish(Batch batch, std::vector<Append> appends) {
  if (Status durable = make_durable(batch); !durable) {
    close_for_writing(appends, durable.error());
    return;
  }
  const std::string note = batch.head.note;
  Position end = state_.at;
  end.size = batch.head.size;
  parts_.tree.add(batch.added, std::move(batch.tokens), std::move(batch.head), end);
  const std::uint64_t first = std::exchange(state_.at.size, end.size);
  entries_ += end.size - first;
  intents_ += appends.size() - (end.size - first);
  parts_.executor([written = std::move(appends), index = first]() mutable {
    for (const Append& append : written) {
      if (append.is_intent()) {
        append.intent_done(Status{});
      } else {
        append.entry_done(EntryRef{index++});
      }
    }
  });
  parts_.publisher.head(note);
}

LogWriter::Batch LogWriter::lay_out(const std::vector<Append>& appends) {
  Batch batch;
  for (const Append& append : appends) {
    const auto kind = append.is_intent() ? FrameKind::kIntent : FrameKind::kEntry;
    put_frame(batch.bytes, kind, append.closes_intent, state_.at.batch,
              {bytes_of(append.id), append.bytes});
  }
  return batch;
}

// Nothing that fails here was part of the batch, but for a sync: then failed_ is set.
Status LogWriter::make_room(std::size_t batch_bytes) {
  const std::size_t head_bytes =
      std::max(state_.note.size() + 64, std::size_t{1024});  // sizes grow by digits only
  const std::size_t needed = batch_bytes + frame_size(head_bytes);
  if (segment_.fits(needed)) {
    return segment_.reserve(needed);
  }
  const Position begin{state_.at.segment + 1, kSegmentHeader, state_.at.batch, state_.at.size};
  Result<SegmentWriter> next =
      SegmentWriter::make(parts_.files, parts_.folder, begin, parts_.options.segment_bytes);
  if (!next) {
    return fail(next.error());
  }
  if (Status durable = next->persist(parts_.files, parts_.folder); !durable) {
    failed_ = true;
    return durable;
  }
  segment_ = std::move(*next);
  state_.at = begin;
  return segment_.reserve(needed);
}

void LogWriter::fold(Batch& batch, std::vector<Append>& appends) {
  batch.begin = state_.at;
  for (Append& append : appends) {
    if (append.is_intent()) {
      state_.intents.add({append.id, std::move(append.bytes)});
      continue;
    }
    batch.tokens.push_back(append.bytes);
    state_.add_entry(batch.begin, append.id, std::move(append.bytes), batch.added);
  }
}

// A batch of intents alone leaves the tree as it was, and repeats the last checkpoint.
Status LogWriter::sign_head(Batch& batch) {
  batch.head.size = state_.edge.size();
  batch.head.root = state_.edge.root();
  if (state_.note.empty() || !batch.tokens.empty()) {
    Result<std::string> note = parts_.signer.sign(
        print_head({parts_.options.origin, batch.head.size, batch.head.root, {}}));
    if (!note) {
      return fail(note.error());
    }
    state_.note = std::move(*note);
  }
  batch.head.note = state_.note;
  put_frame(batch.bytes, FrameKind::kCheckpoint, false, state_.at.batch, {state_.note});
  return {};
}

Status LogWriter::make_durable(const Batch& batch) {
  const auto before = std::chrono::steady_clock::now();
  if (Status written = segment_.append_durably(batch.bytes); !written) {
    return written;
  }
  const auto took = std::chrono::steady_clock::now() - before;
  sync_us_ += std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  ++syncs_;
  ++batches_;
  bytes_ += batch.bytes.size();
  state_.at.offset = segment_.offset();
  ++state_.at.batch;
  return {};
}

void LogWriter::fail_all(std::vector<Append>& appends, const Error& error) {
  if (appends.empty()) {
    return;
  }
  failed_appends_ += appends.size();
  auto shared = std::make_shared<std::vector<Append>>(std::move(appends));
  parts_.executor([shared, error] {
    for (const Append& append : *shared) {
      if (append.is_intent()) {
        append.intent_done(fail(error));
      } else {
        append.entry_done(fail(error));
      }
    }
  });
}

void LogWriter::cut_snapshot() {
  std::optional<std::pair<std::uint64_t, Snapshot>> request;
  {
    MutexLock lock(mutex_);
    request.swap(snapshot_);
  }
  if (!request || failed_ || unsigned_ != nullptr || request->first > state_.at.size) {
    return;
  }
  SnapshotFile file;
  file.fold_version = request->second.fold_version;
  file.size = request->first;
  file.state = std::move(request->second.state);
  file.at = state_.at;
  file.bundle_from = state_.bundle_from;
  file.upper = state_.edge.partial();
  if (!file.upper.empty()) {
    file.upper.erase(file.upper.begin());  // the leaves are read back from the segments
  }
  file.open_intents = state_.intents.list();
  parts_.publisher.snapshot(std::move(file));
}

}  // namespace pawl::ledger
