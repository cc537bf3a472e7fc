#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/os/block_writer.h"
#include "base/os/file_map.h"

namespace pawl {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kMaxNote = 256;

tl::unexpected<Error> system_error(const char* what, const std::string& path, int error) {
  const Code code = error == ENOENT   ? Code::kNotFound
                    : error == EEXIST ? Code::kConflict
                                      : Code::kIo;
  return fail(code, path + ": " + what + ": " + std::generic_category().message(error));
}

// Repeats a system call that a signal interrupted.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
  const int fd = retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (fd < 0) {
    return system_error("cannot open", path, errno);
  }
  return Descriptor(fd);
}

// A pipe or a device may never end, and has neither offsets nor a size.
Status require_regular(const struct stat& info, const std::string& path) {
  if (S_ISREG(info.st_mode)) {
    return {};
  }
  const char* const found = S_ISDIR(info.st_mode)    ? "a folder"
                            : S_ISFIFO(info.st_mode) ? "a pipe"
                            : S_ISSOCK(info.st_mode) ? "a socket"
                                                     : "a device";
  return fail(Code::kInvalidParams, path + ": expected a regular file, found " + found);
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::string> read_at(std::uint64_t offset, std::size_t count) override {
    std::string bytes(count, '\0');
    std::size_t done = 0;
    while (done < count) {
      const ssize_t got = retry([&] {
        return ::pread(fd_.get(), bytes.data() + done, count - done,
                       static_cast<off_t>(offset + done));
      });
      if (got < 0) {
        return system_error("cannot read", path_, errno);
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    unsynced_ = true;
    while (!bytes.empty()) {
      const ssize_t put = retry([&] {
        return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (put <= 0) {
        return system_error("cannot write", path_, put < 0 ? errno : EIO);
      }
      offset += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }

  Status write_within(std::uint64_t offset, std::string_view bytes) override {
    if (offset + bytes.size() > map_.size() && !map_.cover(fd_.get(), offset + bytes.size())) {
      return write_at(offset, bytes);
    }
    unsynced_ = true;
    map_.put(offset, bytes);
    return {};
  }

  // The kernel reports a failed write-back once and then calls the pages clean, so a File that
  // failed to sync never says again that it is durable.
  Status sync(CallSite) override {
    if (sync_failed_) {
      return fail(Code::kIo, path_ + ": an earlier sync failed; what is durable is not known");
    }
    if (retry([&] { return ::fdatasync(fd_.get()); }) < 0) {
      sync_failed_ = true;
      return system_error("cannot sync", path_, errno);
    }
    unsynced_ = false;
    blocks_.forget();
    return {};
  }

  // What was written before, the zeros ahead above all, is synced with the first append after it.
  Status append_durably(std::uint64_t offset, std::string_view bytes, CallSite from) override {
    const auto outcome = unsynced_ || sync_failed_
                             ? BlockWriter::Outcome::kUnable
                             : blocks_.append(fd_.get(), path_, offset, bytes);
    if (outcome == BlockWriter::Outcome::kUnable) {
      return File::append_durably(offset, bytes, from);
    }
    if (outcome == BlockWriter::Outcome::kFailed) {
      sync_failed_ = true;
      return system_error("cannot write durably", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat info {};
    if (::fstat(fd_.get(), &info) < 0) {
      return system_error("cannot stat", path_, errno);
    }
    return static_cast<std::uint64_t>(info.st_size);
  }

  Status truncate(std::uint64_t size) override {
    unsynced_ = true;
    map_.drop();
    if (retry([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) < 0) {
      return system_error("cannot truncate", path_, errno);
    }
    return {};
  }

  Descriptor release() { return std::move(fd_); }

 private:
  Descriptor fd_;
  std::string path_;
  bool unsynced_ = true;  // something was written since the last sync, or may have been
  bool sync_failed_ = false;
  FileMap map_;
  BlockWriter blocks_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;  // the lock belongs to the open file and ends with it
};

class PosixFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_RDWR;
    switch (mode) {
      case OpenMode::kRead:
        flags = O_RDONLY;
        break;
      case OpenMode::kReadWrite:
        break;
      case OpenMode::kCreate:
        flags |= O_CREAT;
        break;
      case OpenMode::kCreateOnly:
        flags |= O_CREAT | O_EXCL;
        break;
    }
    // Who writes follows no link: it could be put in the place of a file of ours, and lead to
    // another. Without O_NONBLOCK the open of a FIFO waits for its other end, for ever.
    const int nofollow = mode == OpenMode::kRead ? 0 : O_NOFOLLOW;
    Result<Descriptor> fd = open_descriptor(path, flags | nofollow | O_NONBLOCK | O_NOCTTY);
    struct stat info {};
    const bool refused = !fd && fd.error().code == Code::kIo;  // a socket, a folder to be written
    if (refused && ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
      return fail(require_regular(info, path).error());
    }
    if (!fd) {
      return fail(fd.error());
    }
    if (::fstat(fd->get(), &info) < 0) {
      return system_error("cannot stat", path, errno);
    }
    if (Status regular = require_regular(info, path); !regular) {
      return fail(regular.error());
    }
    return std::make_unique<PosixFile>(std::move(*fd), path);
  }

  Status make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
      return {};
    }
    const int error = errno;
    struct stat info {};
    if (error == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
      return {};
    }
    return system_error("cannot make the directory", path, error);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(directory.c_str()), ::closedir);
    if (!dir) {
      return system_error("cannot list", directory, errno);
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") {
        names.push_back(name);
      }
      errno = 0;
    }
    if (errno != 0) {
      return system_error("cannot list", directory, errno);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  bool exists(const std::string& path) override {
    return ::access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) < 0) {
      return system_error(("cannot rename to " + to).c_str(), from, errno);
    }
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) < 0) {
      return system_error("cannot remove", path, errno);
    }
    return {};
  }

  Status sync_directory(const std::string& path, CallSite) override {
    Result<Descriptor> fd = open_descriptor(path, O_RDONLY | O_DIRECTORY);
    if (!fd) {
      return fail(fd.error());
    }
    if (retry([&] { return ::fsync(fd->get()); }) < 0) {
      return system_error("cannot sync the directory", path, errno);
    }
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                         const std::string& note) override {
    Result<Descriptor> fd = open_descriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!fd) {
      return fail(fd.error());
    }
    if (retry([&] { return ::flock(fd->get(), LOCK_EX | LOCK_NB); }) < 0) {
      if (errno == EWOULDBLOCK) {
        return fail(Code::kConflict, path + ": locked by " + owner(fd->get()));
      }
      return system_error("cannot lock", path, errno);
    }
    const std::string owner_text = "process " + std::to_string(::getpid()) + ", " + note;
    PosixFile file(std::move(*fd), path);
    Status noted = file.truncate(0);
    if (noted) {
      noted = file.write_at(0, std::string_view(owner_text).substr(0, kMaxNote));
    }
    if (!noted) {
      return fail(noted.error());
    }
    return std::make_unique<PosixLock>(file.release());
  }

  Result<std::uint64_t> free_bytes(const std::string& path) override {
    struct statvfs info {};
    if (retry([&] { return ::statvfs(path.c_str(), &info); }) < 0) {
      return system_error("cannot read the free space", path, errno);
    }
    return std::uint64_t{info.f_bavail} * info.f_frsize;
  }

 private:
  // What the holder of the lock wrote; it may be between locking and writing.
  static std::string owner(int fd) {
    std::string note(kMaxNote, '\0');
    const ssize_t got = ::pread(fd, note.data(), note.size(), 0);
    note.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return note.empty() ? "another process that has not said who it is" : note;
  }
};

}  // namespace

Files& system_files() {
  static PosixFiles files;
  return files;
}

}  // namespace pawl
