#include "foundation/ledger/log_checker.h"

#include <algorithm>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/signer_check.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kChunkItems = 64;  // some milliseconds: what a core may wait for at the end
constexpr std::size_t kChunkBytes = 256 * 1024;

}  // namespace

LogChecker::LogChecker(const Trust* trust, const VerifierKey* log_key, EntryLook look)
    : trust_(trust),
      log_key_(log_key),
      look_(std::move(look)),
      signers_(std::make_unique<SignerCheck>(trust)),
      cores_(std::max(1u, std::thread::hardware_concurrency())) {}

LogChecker::~LogChecker() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    waiting_.clear();
    work_.notify_all();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void LogChecker::add_entry(std::uint64_t index, const std::optional<Uuid>& frame_id,
                           std::string_view token) {
  ++entries_;
  add({index, false, frame_id, std::string(token), {}});
}

void LogChecker::add_checkpoint(std::uint64_t size, std::string_view note) {
  if (log_key_ == nullptr || note == last_note_) {
    return;
  }
  last_note_ = note;
  add({size, true, std::nullopt, std::string(note), {}});
}

void LogChecker::add(Item item) {
  next_.bytes += item.bytes.size();
  next_.items.push_back(std::move(item));
  if (next_.items.size() >= kChunkItems || next_.bytes >= kChunkBytes) {
    submit();
    drain(cores_ * (kOpenItems / kChunkItems));
  }
}

void LogChecker::finish() {
  submit();
  drain(0);
}

// A thread more while there is work that nobody took: a log of a few entries needs none.
void LogChecker::submit() {
  if (next_.items.empty()) {
    return;
  }
  bool is_behind = false;
  {
    const MutexLock lock(mutex_);
    is_behind = !waiting_.empty();
    open_.push_back(std::make_unique<Chunk>(std::exchange(next_, {})));
    waiting_.push_back(open_.back().get());
    work_.notify_one();
  }
  next_.items.reserve(kChunkItems);
  if (is_behind && threads_.size() + 1 < cores_) {
    threads_.emplace_back([this] { work(); });
  }
}

void LogChecker::drain(std::size_t most_open) {
  for (;;) {
    while (const std::unique_ptr<Chunk> front = take_done_front()) {
      for (Item& item : front->items) {
        note(item);
      }
    }
    Chunk* mine = nullptr;
    {
      const MutexLock lock(mutex_);
      if (open_.size() <= most_open) {
        return;
      }
      mine = take_waiting();
      while (mine == nullptr && !open_.front()->done) {
        done_.wait(mutex_);
      }
    }
    if (mine != nullptr) {
      check(*mine);
      const MutexLock lock(mutex_);
      mine->done = true;
    }
  }
}

// Null: the front is not done, or there is none.
std::unique_ptr<LogChecker::Chunk> LogChecker::take_done_front() {
  const MutexLock lock(mutex_);
  if (open_.empty() || !open_.front()->done) {
    return nullptr;
  }
  std::unique_ptr<Chunk> front = std::move(open_.front());
  open_.pop_front();
  return front;
}

LogChecker::Chunk* LogChecker::take_waiting() {
  if (waiting_.empty()) {
    return nullptr;
  }
  Chunk* const chunk = waiting_.front();
  waiting_.pop_front();
  return chunk;
}

void LogChecker::work() {
  for (;;) {
    Chunk* chunk = nullptr;
    {
      const MutexLock lock(mutex_);
      while ((chunk = take_waiting()) == nullptr && !ending_) {
        work_.wait(mutex_);
      }
    }
    if (chunk == nullptr) {
      return;
    }
    check(*chunk);
    const MutexLock lock(mutex_);
    chunk->done = true;
    done_.notify_one();
  }
}

void LogChecker::check(Chunk& chunk) const {
  for (Item& item : chunk.items) {
    item.check = checked(item);
  }
}

TokenCheck LogChecker::checked(const Item& item) const {
  if (!item.is_checkpoint) {
    return check_token(
        item.bytes, item.frame_id, trust_,
        [this](std::string_view kid) { return signers_->find(kid); }, look_);
  }
  TokenCheck check;
  if (Result<TreeHead> head = open_checkpoint(item.bytes, *log_key_); !head) {
    const bool undecidable = head.error().code == Code::kUndecidable;
    check.what = undecidable ? TokenCheck::What::kUnknown : TokenCheck::What::kBad;
    check.reason = head.error().message;
  }
  return check;
}

void LogChecker::note(Item& item) {
  // Its key may have begun in an entry that was not noted yet when this one was checked.
  if (item.check.is_record && !item.check.verified && trust_ != nullptr &&
      signers_->find(item.check.kid) != nullptr) {
    item.check = checked(item);
  }
  TokenCheck& check = item.check;
  if (!item.is_checkpoint) {
    signers_->add(item.number, check);
  }
  const auto name = [&] {
    const std::string number = std::to_string(item.number);
    return item.is_checkpoint ? "checkpoint of size " + number
           : check.id.empty() ? "entry " + number
                              : "entry " + number + " (id " + check.id + ")";
  };
  if (check.what == TokenCheck::What::kBad && first_bad_.empty()) {
    first_bad_ = name() + ": " + check.reason;
  }
  if (check.what == TokenCheck::What::kUnknown && first_unknown_.empty()) {
    first_unknown_ = name() + ": " + check.reason;
  }
  if (item.is_checkpoint) {
    return;
  }
  verified_ += check.verified ? 1 : 0;
  if (check.picked && look_.sees) {
    look_.sees(item.number, item.bytes);
  }
  if (!check.outcome.empty()) {
    ++outcomes_[check.outcome];
  }
  if (Result<Uuid> id = Uuid::parse(check.id)) {
    ids_.emplace_back(*id, item.number);
  }
}

void LogChecker::find_duplicates() {
  std::sort(ids_.begin(), ids_.end());
  std::optional<std::size_t> found;
  for (std::size_t i = 1; i < ids_.size(); ++i) {
    const bool again = ids_[i].first == ids_[i - 1].first;
    if (again && (!found || ids_[i].second < ids_[*found].second)) {
      found = i;
    }
  }
  if (found && first_bad_.empty()) {
    first_bad_ = "entry " + std::to_string(ids_[*found].second) + " (id " +
                 ids_[*found].first.text() + "): entry " + std::to_string(ids_[*found - 1].second) +
                 " has the same id";
  }
}

void LogChecker::fill(Report& report) const {
  report.entries = entries_;
  report.tokens_verified = verified_;
  report.outcomes = outcomes_;
  signers_->fill(report);
}

}  // namespace pawl::ledger
