#include "foundation/ledger/publisher.h"

#include "foundation/ledger/frame.h"
#include "foundation/ledger/recover.h"

namespace pawl::ledger {

Publisher::Publisher(Files& files, std::string folder, std::string head_file,
                     const NoteSigner& signer, Clock& clock, std::chrono::milliseconds every,
                     Tiles& tiles, bool threads)
    : files_(files),
      folder_(std::move(folder)),
      head_file_(std::move(head_file)),
      signer_(signer),
      clock_(clock),
      every_(every),
      tiles_(tiles) {
  if (Result<std::string> note = read_file(files_, checkpoint_path(folder_), kMaxFrameBody)) {
    published_ = std::move(*note);
  }
  if (threads) {
    thread_ = std::thread([this] { run(); });
  }
}

Publisher::~Publisher() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  } else {
    pump();
  }
}

void Publisher::head(const std::string& note) {
  MutexLock lock(mutex_);
  const bool first = !head_;
  head_ = note;
  if (first) {
    changed_.notify_one();
  }
}

void Publisher::snapshot(SnapshotFile snapshot) {
  MutexLock lock(mutex_);
  snapshot_ = std::move(snapshot);
  changed_.notify_one();
}

std::string Publisher::published() const {
  MutexLock lock(mutex_);
  return published_;
}

bool Publisher::is_due() const {
  const std::int64_t every_us = std::chrono::microseconds(every_).count();
  return head_ && (closing_ || !last_ || clock_.boot().us - last_->us >= every_us);
}

void Publisher::run() {
  while (true) {
    std::optional<std::string> head;
    std::optional<SnapshotFile> snapshot;
    {
      MutexLock lock(mutex_);
      while (!closing_ && !snapshot_ && !is_due()) {
        if (head_) {
          changed_.wait_for(mutex_, every_);
        } else {
          changed_.wait(mutex_);
        }
      }
      if (!take(head, snapshot)) {
        return;
      }
    }
    write(std::move(head), std::move(snapshot));
  }
}

bool Publisher::take(std::optional<std::string>& head, std::optional<SnapshotFile>& snapshot) {
  if (is_due()) {
    head.swap(head_);
    last_ = clock_.boot();
  }
  snapshot.swap(snapshot_);
  return head || snapshot;
}

void Publisher::write(std::optional<std::string> head, std::optional<SnapshotFile> snapshot) {
  if (head) {
    publish(*head);
  }
  if (snapshot) {
    write_snapshot(std::move(*snapshot));
  }
}

void Publisher::pump() {
  std::optional<std::string> head;
  std::optional<SnapshotFile> snapshot;
  {
    MutexLock lock(mutex_);
    take(head, snapshot);
  }
  write(std::move(head), std::move(snapshot));
}

void Publisher::publish(const std::string& note) {
  if (!write_file(files_, checkpoint_path(folder_), note)) {
    return;
  }
  keep_outside(note);
  MutexLock lock(mutex_);
  published_ = note;
}

void Publisher::keep_outside(const std::string& note) {
  if (!head_file_.empty() && !write_file(files_, head_file_, note)) {
    ++head_file_failures_;
  }
}

void Publisher::write_snapshot(SnapshotFile snapshot) {
  Result<Digest> root = root_at(tiles_, snapshot.size);
  if (!root) {
    return;
  }
  snapshot.root = *root;
  if (Result<std::string> bytes = print_snapshot(snapshot, signer_);
      bytes && bytes->size() <= kMaxSnapshotBytes) {
    // Best effort: without it the next start replays more.
    (void)write_file(files_, snapshot_path(folder_), *bytes);
  }
}

}  // namespace pawl::ledger
