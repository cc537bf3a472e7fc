#include "tests/support/fault_disk.h"

#include <algorithm>

#include "base/files.h"

namespace pawl {
namespace {

enum class Fate { kNothing, kEverything, kPrefix, kAnyPart };

Fate draw_fate(SeededRandom& random) {
  return static_cast<Fate>(random.below(4));
}

// Which of `count` changes reached the disk whole. The first that did not is `torn` by kPrefix.
std::vector<bool> draw_kept(std::size_t count, Fate fate, SeededRandom& random) {
  std::vector<bool> kept(count, fate == Fate::kEverything);
  const std::size_t prefix = random.below(count + 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (fate == Fate::kPrefix) {
      kept[i] = i < prefix;
    } else if (fate == Fate::kAnyPart) {
      kept[i] = random.coin();
    }
  }
  return kept;
}

}  // namespace

void DiskFile::write(std::uint64_t offset, std::string_view bytes) {
  Change change{false, offset, std::string(bytes), false};
  apply(now_, change);
  changes_.push_back(std::move(change));
}

void DiskFile::truncate(std::uint64_t size) {
  Change change{true, size, {}, false};
  apply(now_, change);
  changes_.push_back(std::move(change));
}

void DiskFile::sync() {
  for (const Change& change : changes_) {
    if (!change.lost) {
      apply(durable_, change);
    }
  }
  changes_.clear();
}

void DiskFile::sync_failed() {
  for (Change& change : changes_) {
    change.lost = true;
  }
}

void DiskFile::apply(std::string& bytes, const Change& change) {
  if (change.is_truncate) {
    bytes.resize(change.offset);
    return;
  }
  bytes.resize(std::max<std::size_t>(bytes.size(), change.offset + change.bytes.size()));
  std::copy(change.bytes.begin(), change.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

void DiskFile::tear(std::string& bytes, const Change& change, SeededRandom& random) {
  if (change.is_truncate) {
    return;
  }
  if (random.coin()) {  // at a byte
    const std::size_t kept = random.below(change.bytes.size() + 1);
    apply(bytes, {false, change.offset, change.bytes.substr(0, kept), false});
    return;
  }
  std::size_t begin = 0;  // each sector for itself
  while (begin < change.bytes.size()) {
    const std::size_t size = kSector - (change.offset + begin) % kSector;
    if (random.coin()) {
      apply(bytes, {false, change.offset + begin, change.bytes.substr(begin, size), false});
    }
    begin += size;
  }
}

std::string DiskFile::survive(SeededRandom& random) const {
  std::string bytes = durable_;
  const Fate fate = draw_fate(random);
  const std::vector<bool> kept = draw_kept(changes_.size(), fate, random);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (kept[i]) {
      apply(bytes, changes_[i]);
      continue;
    }
    if (fate == Fate::kAnyPart) {
      tear(bytes, changes_[i], random);
    } else if (fate == Fate::kPrefix) {
      tear(bytes, changes_[i], random);
      break;
    }
  }
  const bool size_went_ahead = fate != Fate::kEverything && random.below(4) == 0;
  if (size_went_ahead && now_.size() > bytes.size()) {
    bytes.resize(now_.size());
  }
  return bytes;
}

Disk::Disk() {
  for (const char* root : {"/", "."}) {
    now_[root] = durable_[root] = std::make_shared<DiskFile>(true);
  }
}

std::shared_ptr<DiskFile> Disk::find(const std::string& path) const {
  const auto at = now_.find(path);
  return at == now_.end() ? nullptr : at->second;
}

bool Disk::is_directory(const std::string& path) const {
  const std::shared_ptr<DiskFile> file = find(path);
  return file != nullptr && file->directory();
}

void Disk::set(const std::string& path, std::shared_ptr<DiskFile> file) {
  record({directory_of(path), {}, path, std::move(file)});
}

void Disk::erase(const std::string& path) {
  record({directory_of(path), path, {}, nullptr});
}

void Disk::rename(const std::string& from, const std::string& to) {
  record({directory_of(to), from, to, find(from)});
}

void Disk::sync_directory(const std::string& directory) {
  std::vector<Change> rest;
  for (Change& change : changes_) {
    if (change.directory == directory) {
      apply(durable_, change);
    } else {
      rest.push_back(std::move(change));
    }
  }
  changes_ = std::move(rest);
}

void Disk::put(const std::string& path, std::string bytes) {
  for (std::string up = directory_of(path); find(up) == nullptr; up = directory_of(up)) {
    now_[up] = durable_[up] = std::make_shared<DiskFile>(true);
  }
  now_[path] = durable_[path] = std::make_shared<DiskFile>(std::move(bytes));
}

Disk Disk::survive(SeededRandom& random) const {
  Names names = durable_;
  const std::vector<bool> kept = draw_kept(changes_.size(), draw_fate(random), random);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (kept[i]) {
      apply(names, changes_[i]);
    }
  }
  Disk after;
  for (const auto& [path, file] : names) {  // a folder sorts before what is in it
    if (after.is_directory(directory_of(path)) && after.find(path) == nullptr) {
      const auto found = file->directory() ? std::make_shared<DiskFile>(true)
                                           : std::make_shared<DiskFile>(file->survive(random));
      after.now_[path] = after.durable_[path] = found;
    }
  }
  return after;
}

Disk Disk::copy() const {
  std::map<const DiskFile*, std::shared_ptr<DiskFile>> copies;
  const auto copy_of = [&](std::shared_ptr<DiskFile>& file) {
    if (file) {
      std::shared_ptr<DiskFile>& copied = copies[file.get()];
      copied = copied ? copied : std::make_shared<DiskFile>(*file);
      file = copied;
    }
  };
  Disk out = *this;
  for (Names* names : {&out.now_, &out.durable_}) {
    for (auto& [path, file] : *names) {
      copy_of(file);
    }
  }
  for (Change& change : out.changes_) {
    copy_of(change.file);
  }
  return out;
}

void Disk::apply(Names& names, const Change& change) {
  if (!change.erased.empty()) {
    names.erase(change.erased);
  }
  if (!change.name.empty()) {
    names[change.name] = change.file;
  }
}

void Disk::record(Change change) {
  apply(now_, change);
  changes_.push_back(std::move(change));
}

}  // namespace pawl
