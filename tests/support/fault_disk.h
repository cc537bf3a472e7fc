// What a disk remembers: the part behind FaultFiles that knows synced from unsynced.
//
// Purpose:    a DiskFile keeps its synced bytes, or names if it is a folder; what changed since is
//             kept beside them. survive() answers what a machine finds after a power cut.
// Threading:  one thread at a time (FaultFiles locks).
// Ownership:  names share their files; an open handle keeps a removed file alive.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/seeded_random.h"

namespace pawl {

class DiskFile {
 public:
  static constexpr std::size_t kSector = 512;
  using Entries = std::map<std::string, std::shared_ptr<DiskFile>>;

  explicit DiskFile(bool directory = false) : directory_(directory) {}
  // A file that is wholly durable.
  explicit DiskFile(std::string bytes) : now_(bytes), durable_(std::move(bytes)) {}

  bool directory() const { return directory_; }
  const std::string& bytes() const { return now_; }
  void write(std::uint64_t offset, std::string_view bytes);
  void truncate(std::uint64_t size);
  void sync();
  // Readers still see the changes so far, but no later sync makes them durable.
  void sync_failed();
  // Durable bytes plus whatever happened to reach the disk: each change since the last sync is
  // kept, dropped, or torn at any byte or between sectors, in order or not; where only the new size
  // reached the disk, zeros stand.
  std::string survive(SeededRandom& random) const;

 private:
  friend class Disk;  // the names in a folder
  struct Change {
    bool is_truncate = false;
    std::uint64_t offset = 0;  // or the new size
    std::string bytes;
    bool lost = false;  // a sync of it failed
  };
  static void apply(std::string& bytes, const Change& change);
  static void tear(std::string& bytes, const Change& change, SeededRandom& random);

  bool directory_ = false;
  std::string now_;
  std::string durable_;
  std::vector<Change> changes_;
  Entries entries_, durable_entries_;
};

// Folders and the names in them, by path; "." and "/" are there.
class Disk {
 public:
  Disk();

  std::shared_ptr<DiskFile> find(const std::string& path) const;  // null: no such name
  bool is_directory(const std::string& path) const;
  std::vector<std::string> list(const std::string& directory) const;  // sorted
  void set(const std::string& path, std::shared_ptr<DiskFile> file);
  void erase(const std::string& path);
  // Of a file or a folder: one step, or none, on disk. Certain when both folders were synced.
  void rename(const std::string& from, const std::string& to);
  void sync_directory(const std::string& directory);
  // Puts a durable file, and durable folders above it.
  void put(const std::string& path, std::string bytes);
  // Any part of the name changes since their folders' last sync, in order or not. A name whose
  // folder is gone is gone.
  Disk survive(SeededRandom& random) const;
  // The same disk with the same unsynced changes, and files of its own.
  Disk copy() const;

 private:
  using Folder = std::shared_ptr<DiskFile>;
  struct Half {
    Folder folder;  // whose sync makes it durable; null: there is no such half
    std::string name;
    bool synced = false;
  };
  struct Change {
    Half erased, named;
    std::shared_ptr<DiskFile> file;  // of `named`
  };
  Half half(const std::string& path) const;
  void record(Change change);

  Folder root_, here_;
  std::vector<Change> changes_;
};

}  // namespace pawl
