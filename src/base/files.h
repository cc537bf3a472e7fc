// All file access of Pawl goes through this interface.
//
// Purpose:    a test double (tests/support/fault_files.h) remembers what was synced and, at a
//             simulated power cut, drops, tears or reorders the rest: contents, sizes, directory
//             entries and renames. Nothing else in src/ calls open, write, rename or fsync.
// Threading:  a Files may be used from any thread; a File by one thread at a time.
// Ownership:  Files outlives every File it opened.
// Errors:     kNotFound, kConflict (exists, locked), kInvalidParams (no regular file), kIo (errno).
// Not errors: a read past the end returns fewer bytes. exists() is true also when it cannot be told
//             (a failing disk, a folder without access): nobody makes anew what may be there, and
//             the open that follows tells the reason.
// Durability: write_at is durable after sync() returned; a created, renamed or removed name is
//             durable after sync_directory() of its folder returned. After a failed sync the File
//             must not be used to claim durability again (fsync errors are reported once).
// Call sites: everything that syncs takes the place in the source that asked for it, so that
//             `./test remove-syncs` can leave out one place at a time and see a test fail. Whoever
//             wraps a sync passes the caller's place on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl {

using CallSite = std::source_location;

class File {
 public:
  virtual ~File() = default;
  virtual Result<std::string> read_at(std::uint64_t offset, std::size_t count) = 0;
  // Writes all of `bytes` or fails; a failure may have written some of them.
  virtual Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
  // The same for a place within the file, often and in small pieces: a file system may do it
  // without a system call, by a mapping of the file. Nobody shortens the file meanwhile.
  virtual Status write_within(std::uint64_t offset, std::string_view bytes) {
    return write_at(offset, bytes);
  }
  // fdatasync, and the size; of a file opened to read too: what others wrote before.
  virtual Status sync(CallSite from = CallSite::current()) = 0;
  // write_at and sync in one, for what is appended within zeros written ahead: behind `bytes` there
  // are zeros up to the end of the file. After a failure as after a failed sync.
  virtual Status append_durably(std::uint64_t offset, std::string_view bytes,
                                CallSite from = CallSite::current()) {
    Status written = write_at(offset, bytes);
    return written ? sync(from) : written;
  }
  virtual Result<std::uint64_t> size() = 0;
  virtual Status truncate(std::uint64_t size) = 0;
};

// Held until destroyed; also released by the kernel when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode {
  kRead,        // must exist
  kReadWrite,   // must exist
  kCreate,      // created when missing, mode 0600
  kCreateOnly,  // kConflict when it exists, mode 0600
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status make_directory(const std::string& path) = 0;  // mode 0700; not an error: exists
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // sorted names
  virtual bool exists(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status remove(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path, CallSite from = CallSite::current()) = 0;
  // An exclusive advisory lock; kConflict names the owner that `note` of the holder states.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                                 const std::string& note) = 0;
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

// The machine's file system.
Files& system_files();

// Reads a whole file of at most `max_bytes`. Errors: kNotFound, kTooLarge, kIo.
Result<std::string> read_file(Files& files, const std::string& path,
                              std::size_t max_bytes = 64 * 1024 * 1024);
// Replaces `path` atomically and durably: temporary file, sync, rename, sync of the folder.
Status write_file(Files& files, const std::string& path, std::string_view bytes,
                  CallSite from = CallSite::current());
// The same for a file that must not exist yet (kConflict), whoever else is making it. A crash
// leaves the whole file or none.
Status create_file(Files& files, const std::string& path, std::string_view bytes,
                   CallSite from = CallSite::current());
// Makes a folder, or takes the one that is there, and makes its name durable.
Status make_durable_directory(Files& files, const std::string& path,
                              CallSite from = CallSite::current());
std::string directory_of(const std::string& path);

}  // namespace pawl
