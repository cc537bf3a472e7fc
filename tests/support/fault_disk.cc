#include "tests/support/fault_disk.h"

#include <algorithm>
#include <functional>

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

// "a//b/./c" -> a, b, c
std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, end - at);
    if (!part.empty() && part != ".") {
      parts.push_back(std::move(part));
    }
    at = end + 1;
  }
  return parts;
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

Disk::Disk() : root_(std::make_shared<DiskFile>(true)), here_(std::make_shared<DiskFile>(true)) {}

std::shared_ptr<DiskFile> Disk::find(const std::string& path) const {
  std::shared_ptr<DiskFile> at = path.starts_with('/') ? root_ : here_;
  for (const std::string& part : parts_of(path)) {
    const auto found = at->entries_.find(part);
    if (found == at->entries_.end()) {
      return nullptr;
    }
    at = found->second;
  }
  return at;
}

bool Disk::is_directory(const std::string& path) const {
  const std::shared_ptr<DiskFile> file = find(path);
  return file != nullptr && file->directory();
}

std::vector<std::string> Disk::list(const std::string& directory) const {
  std::vector<std::string> names;
  for (const auto& [name, file] : find(directory)->entries_) {
    names.push_back(name);
  }
  return names;
}

Disk::Half Disk::half(const std::string& path) const {
  return {find(directory_of(path)), parts_of(path).back(), false};
}

void Disk::set(const std::string& path, std::shared_ptr<DiskFile> file) {
  record({{}, half(path), std::move(file)});
}

void Disk::erase(const std::string& path) {
  record({half(path), {}, nullptr});
}

void Disk::rename(const std::string& from, const std::string& to) {
  record({half(from), half(to), find(from)});
}

void Disk::sync_directory(const std::string& directory) {
  const Folder folder = find(directory);
  std::vector<Change> rest;
  for (Change& change : changes_) {
    for (Half* half : {&change.erased, &change.named}) {
      half->synced = half->synced || half->folder == folder || half->folder == nullptr;
    }
    if (!change.erased.synced || !change.named.synced) {
      rest.push_back(std::move(change));
      continue;
    }
    if (change.erased.folder) {
      change.erased.folder->durable_entries_.erase(change.erased.name);
    }
    if (change.named.folder) {
      change.named.folder->durable_entries_[change.named.name] = change.file;
    }
  }
  changes_ = std::move(rest);
}

void Disk::put(const std::string& path, std::string bytes) {
  const std::vector<std::string> parts = parts_of(path);
  Folder at = path.starts_with('/') ? root_ : here_;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    std::shared_ptr<DiskFile>& next = at->entries_[parts[i]];
    if (!next) {
      next = at->durable_entries_[parts[i]] = std::make_shared<DiskFile>(true);
    }
    at = next;
  }
  at->entries_[parts.back()] = at->durable_entries_[parts.back()] =
      std::make_shared<DiskFile>(std::move(bytes));
}

Disk Disk::survive(SeededRandom& random) const {
  std::map<const DiskFile*, DiskFile::Entries> names;  // of the folders that changed
  const auto names_in = [&](const Folder& folder) -> DiskFile::Entries& {
    return names.try_emplace(folder.get(), folder->durable_entries_).first->second;
  };
  const std::vector<bool> kept = draw_kept(changes_.size(), draw_fate(random), random);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    if (kept[i] && change.erased.folder) {
      names_in(change.erased.folder).erase(change.erased.name);
    }
    if (kept[i] && change.named.folder) {
      names_in(change.named.folder)[change.named.name] = change.file;
    }
  }
  const std::function<void(const Folder&, DiskFile&)> fill = [&](const Folder& from, DiskFile& to) {
    for (const auto& [name, file] : names_in(from)) {
      const auto found = file->directory() ? std::make_shared<DiskFile>(true)
                                           : std::make_shared<DiskFile>(file->survive(random));
      to.entries_[name] = to.durable_entries_[name] = found;
      if (file->directory()) {
        fill(file, *found);
      }
    }
  };
  Disk after;
  fill(root_, *after.root_);
  fill(here_, *after.here_);
  return after;
}

Disk Disk::copy() const {
  std::map<const DiskFile*, std::shared_ptr<DiskFile>> copies;
  const std::function<void(std::shared_ptr<DiskFile>&)> copy = [&](auto& file) {
    if (!file) {
      return;
    }
    std::shared_ptr<DiskFile>& copied = copies[file.get()];
    if (!copied) {
      copied = std::make_shared<DiskFile>(*file);
      for (DiskFile::Entries* names : {&copied->entries_, &copied->durable_entries_}) {
        for (auto& [name, named] : *names) {
          copy(named);
        }
      }
    }
    file = copied;
  };
  Disk out = *this;
  copy(out.root_);
  copy(out.here_);
  for (Change& change : out.changes_) {
    copy(change.erased.folder);
    copy(change.named.folder);
    copy(change.file);
  }
  return out;
}

void Disk::record(Change change) {
  if (change.erased.folder) {
    change.erased.folder->entries_.erase(change.erased.name);
  }
  if (change.named.folder) {
    change.named.folder->entries_[change.named.name] = change.file;
  }
  changes_.push_back(std::move(change));
}

}  // namespace pawl
