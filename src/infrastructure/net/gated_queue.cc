#include "infrastructure/net/gated_queue.h"

#include <utility>

namespace pawl {

namespace {
constexpr std::size_t kMaxSpare = 4096;
}  // namespace

void GatedQueue::push(std::string bytes, std::shared_ptr<WriteGate> gate) {
  if (bytes.empty()) {
    return;
  }
  size_ += bytes.size();
  segments_.push_back({std::move(bytes), std::move(gate)});
}

WriteGate* GatedQueue::gate() const {
  return segments_[first_].gate.get();
}

int GatedQueue::next(iovec* parts) const {
  int count = 0;
  std::size_t skip = offset_;
  for (std::size_t i = first_; i < segments_.size() && count < kMaxParts; ++i) {
    if (segments_[i].gate.get() != gate()) {
      break;
    }
    const std::string& bytes = segments_[i].bytes;
    parts[count++] = {const_cast<char*>(bytes.data()) + skip, bytes.size() - skip};
    skip = 0;
  }
  return count;
}

void GatedQueue::consume(std::size_t bytes) {
  written_ += bytes;
  size_ -= bytes;
  while (bytes > 0) {
    Segment& segment = segments_[first_];
    const std::size_t left = segment.bytes.size() - offset_;
    if (bytes < left) {
      offset_ += bytes;
      return;
    }
    bytes -= left;
    offset_ = 0;
    if (segment.bytes.capacity() > spare_.capacity() && segment.bytes.capacity() <= kMaxSpare) {
      spare_ = std::move(segment.bytes);
    } else {
      segment.bytes = std::string();
    }
    segment.gate.reset();
    ++first_;
  }
  if (first_ == segments_.size()) {
    segments_.clear();
    first_ = 0;
  } else if (first_ > kMaxParts) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

GatedQueue::Flushed GatedQueue::flush(FunctionRef<Io(const iovec*, int)> write) {
  while (size_ > 0) {
    iovec parts[kMaxParts];
    const int count = next(parts);
    Io io;
    const auto once = [&] { io = write(parts, count); };
    if (gate() == nullptr) {
      once();
    } else if (!gate()->pass(once)) {
      return Flushed::kRefused;
    }
    if (const std::optional<Flushed> flushed = wrote(io)) {
      return *flushed;
    }
  }
  return Flushed::kAll;
}

std::optional<GatedQueue::Flushed> GatedQueue::wrote(Io done) {
  switch (done.state) {
    case IoState::kDone:
      consume(done.bytes);
      return size_ == 0 ? std::optional(Flushed::kAll) : std::nullopt;
    case IoState::kBlocked:
    case IoState::kBlockedOnWrite:
      return Flushed::kBlocked;
    case IoState::kBlockedOnRead:
      return Flushed::kBlockedOnRead;
    case IoState::kEnd:
    case IoState::kFailed:
      break;
  }
  return Flushed::kFailed;
}

void GatedQueue::clear() {
  segments_.clear();
  first_ = 0;
  offset_ = 0;
  size_ = 0;
}

std::string GatedQueue::take_spare() {
  std::string spare = std::move(spare_);
  spare_ = std::string();
  spare.clear();
  return spare;
}

}  // namespace pawl
