#include "infrastructure/net/deadlines.h"

#include <algorithm>
#include <utility>

namespace pawl {

namespace {
constexpr std::chrono::milliseconds kAccuracy{10};
}  // namespace

Deadlines::Entry::Entry(Deadlines& owner, std::function<void()> expired)
    : owner_(owner), expired_(std::move(expired)), index_(owner.entries_.size()) {
  owner_.entries_.push_back(this);
}

Deadlines::Entry::~Entry() {
  Entry* last = owner_.entries_.back();
  owner_.entries_[index_] = last;
  last->index_ = index_;
  owner_.entries_.pop_back();
}

void Deadlines::Entry::set(Clock::time_point deadline) {
  deadline_ = deadline;
  if (deadline < owner_.armed_) {
    owner_.arm(deadline);
  }
}

void Deadlines::arm(Clock::time_point deadline) {
  armed_ = deadline;
  const auto delay = std::max(Clock::duration::zero(), deadline - Clock::now());
  timer_ = loop_.after(std::chrono::ceil<std::chrono::microseconds>(delay), [this] { fire(); });
}

void Deadlines::fire() {
  armed_ = Clock::time_point::max();
  const Clock::time_point now = Clock::now();
  // An expiry may add and remove entries, also other ones: start over after each.
  for (std::size_t i = 0; i < entries_.size();) {
    Entry* entry = entries_[i];
    if (entry->deadline_ > now) {
      ++i;
      continue;
    }
    entry->clear();
    const std::function<void()> expired = entry->expired_;
    expired();
    i = 0;
  }
  Clock::time_point next = Clock::time_point::max();
  for (const Entry* entry : entries_) {
    next = std::min(next, entry->deadline_);
  }
  if (next < armed_) {
    arm(std::max(next, now + kAccuracy));
  }
}

}  // namespace pawl
