#include "base/os/block_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace pawl {
namespace {

// A multiple of every block that a disk of today addresses.
constexpr std::size_t kBlock = 4096;
// What is larger gains nothing by it, and would keep a buffer of its size.
constexpr std::size_t kLargest = 1u << 20;

constexpr std::uint64_t down(std::uint64_t offset) {
  return offset / kBlock * kBlock;
}

// The same file by another descriptor: the flags are of the open file, not of the number.
int open_direct(int fd, const std::string& path) {
  const int direct = ::open(path.c_str(), O_WRONLY | O_DIRECT | O_DSYNC | O_NOFOLLOW | O_CLOEXEC);
  struct stat ours {
  }, theirs{};
  if (direct >= 0 && ::fstat(fd, &ours) == 0 && ::fstat(direct, &theirs) == 0 &&
      ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino) {
    return direct;
  }
  if (direct >= 0) {
    ::close(direct);
  }
  return -1;
}

}  // namespace

void BlockWriter::Free::operator()(char* bytes) const {
  std::free(bytes);
}

BlockWriter::~BlockWriter() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

BlockWriter::Outcome BlockWriter::append(int fd, const std::string& path, std::uint64_t offset,
                                         std::string_view bytes) {
  const std::uint64_t begin = down(offset);
  const std::uint64_t end = down(offset + bytes.size() + kBlock - 1);
  const auto before = static_cast<std::size_t>(offset - begin);
  const auto length = static_cast<std::size_t>(end - begin);
  if (bytes.empty() || length > kLargest || !open(fd, path) || !make_room(length)) {
    return Outcome::kUnable;
  }
  if (end > end_) {
    struct stat info {};
    end_ = ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  }
  if (end > end_ || (next_ != offset && !read_before(fd, begin, before))) {
    return Outcome::kUnable;
  }
  char* const buffer = buffer_.get();
  std::memcpy(buffer + before, bytes.data(), bytes.size());
  std::memset(buffer + before + bytes.size(), 0, length - before - bytes.size());
  next_ = kNowhere;
  ssize_t put = 0;
  do {
    put = ::pwrite(fd_, buffer, length, static_cast<off_t>(begin));
  } while (put < 0 && errno == EINTR);
  if (put < 0 && errno == EINVAL) {  // told only now that it does not take them
    unable_ = true;
    return Outcome::kUnable;
  }
  if (put != static_cast<ssize_t>(length)) {
    errno = put < 0 ? errno : EIO;
    return Outcome::kFailed;
  }
  next_ = offset + bytes.size();
  if (next_ != end) {
    std::memmove(buffer, buffer + (length - kBlock), kBlock);
  }
  return Outcome::kWritten;
}

bool BlockWriter::open(int fd, const std::string& path) {
  if (fd_ < 0 && !unable_) {
    fd_ = open_direct(fd, path);
    unable_ = fd_ < 0;
  }
  return !unable_;
}

bool BlockWriter::make_room(std::size_t bytes) {
  if (bytes <= capacity_) {
    return true;
  }
  const std::size_t capacity = std::max(bytes, std::min(kLargest, capacity_ * 2));
  std::unique_ptr<char, Free> larger(static_cast<char*>(std::aligned_alloc(kBlock, capacity)));
  if (larger == nullptr) {
    return false;
  }
  if (buffer_ != nullptr) {
    std::memcpy(larger.get(), buffer_.get(), kBlock);
  }
  buffer_ = std::move(larger);
  capacity_ = capacity;
  return true;
}

bool BlockWriter::read_before(int fd, std::uint64_t block, std::size_t count) {
  return ::pread(fd, buffer_.get(), count, static_cast<off_t>(block)) ==
         static_cast<ssize_t>(count);
}

}  // namespace pawl
