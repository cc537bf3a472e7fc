#include "foundation/ledger/append_queue.h"

#include <algorithm>

#include "foundation/ledger/frame.h"

namespace pawl::ledger {
namespace {

constexpr int kMostWaits = 20;  // of one batch

}  // namespace

bool AppendQueue::push(Append& append) {
  bool can_start_a_batch = false;
  {
    MutexLock lock(mutex_);
    if (closed_ || waiting_.size() >= capacity_) {
      return false;
    }
    last_at_ = Steady::now();
    if (waiting_.empty()) {
      first_at_ = last_at_;
    }
    waiting_.push_back(std::move(append));
    can_start_a_batch = waiting_.size() == 1 || waiting_.size() == wanted();
  }
  // The writer sleeps through the rest. Told without the lock, or it would wake only to wait for
  // it.
  if (can_start_a_batch) {
    changed_.notify_one();
  }
  return true;
}

void AppendQueue::wake() {
  MutexLock lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

void AppendQueue::close() {
  MutexLock lock(mutex_);
  closed_ = true;
  changed_.notify_one();
}

std::size_t AppendQueue::depth() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

std::size_t AppendQueue::wanted() const {
  return std::max<std::size_t>(1, std::min(expected_, batch_entries_));
}

void AppendQueue::fill(std::vector<Append>& batch) {
  batch.reserve(waiting_.size());
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    const std::size_t next = frame_size(16 + waiting_.front().bytes.size());
    if (!batch.empty() && bytes + next > batch_bytes_) {
      break;
    }
    bytes += next;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

bool AppendQueue::take_waiting(std::vector<Append>& batch) {
  batch.clear();
  MutexLock lock(mutex_);
  fill(batch);
  return !batch.empty();
}

bool AppendQueue::take(std::vector<Append>& batch) {
  batch.clear();
  MutexLock lock(mutex_);
  const Steady::time_point free_at = Steady::now();
  Quiet quiet(batch_wait_, turns_());
  while (!woken_ && !closed_ && waiting_.size() < wanted()) {
    if (waiting_.empty()) {
      changed_.wait(mutex_);
      continue;
    }
    const Steady::time_point now = Steady::now();
    const Steady::time_point latest = std::max(first_at_, free_at) + kMostWaits * batch_wait_;
    const Steady::time_point due =
        std::min(latest, quiet.look_again(std::max(last_at_, free_at), turns_(), now));
    if (due <= now) {
      break;
    }
    changed_.wait_for(mutex_, due - now);
  }
  woken_ = false;
  if (waiting_.empty()) {
    return !closed_;
  }
  fill(batch);
  first_at_ = free_at;
  expected_ = std::max(batch.size(), expected_ - (expected_ + 7) / 8);
  return true;
}

Quiet::Steady::time_point Quiet::look_again(Steady::time_point last, std::uint64_t turns,
                                            Steady::time_point now) {
  const bool works = turns % 2 == 1 || turns != seen_;
  seen_ = turns;
  if (!works) {
    return std::max(last, since_) + wait_;
  }
  since_ = now;
  const Steady::time_point again = now + look_;
  look_ = std::min(2 * look_, kLongestLook * wait_);
  return again;
}

}  // namespace pawl::ledger
