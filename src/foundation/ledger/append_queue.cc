#include "foundation/ledger/append_queue.h"

#include <algorithm>

#include "foundation/ledger/frame.h"

namespace pawl::ledger {

bool AppendQueue::push(Append& append) {
  MutexLock lock(mutex_);
  if (closed_ || waiting_.size() >= capacity_) {
    return false;
  }
  if (waiting_.empty()) {
    first_at_ = Steady::now();
  }
  waiting_.push_back(std::move(append));
  // The writer sleeps through what cannot start a batch, so it is woken only for what can.
  if (waiting_.size() == 1 || waiting_.size() == wanted()) {
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
  while (!woken_ && !closed_ && waiting_.size() < wanted()) {
    if (waiting_.empty()) {
      changed_.wait(mutex_);
      continue;
    }
    const Steady::duration left = std::max(first_at_, free_at) + batch_wait_ - Steady::now();
    if (left <= Steady::duration::zero()) {
      break;
    }
    changed_.wait_for(mutex_, left);
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

}  // namespace pawl::ledger
