// Whole blocks written past the page cache, durable when the write returns: one system call that
// the kernel hands to the disk as it is, where write and fdatasync go through the cache's pages.
//
// Purpose:    a file that is appended to within zeros written ahead, a sync for every append.
// Threading:  one thread at a time.
// Ownership:  a descriptor and a buffer of its own; the caller's descriptor is only looked at.
// Errors:     kFailed, errno set: what is durable is not known.
// Not errors: kUnable: this file, file system or size is not for direct writes, and nothing was
//             written; the caller writes and syncs.
// Blocks:     an append rarely begins or ends with a block. What stands before it in its first
//             block is written again as it is, and the rest of its last block is zeros, as the page
//             cache does with its pages. So nobody else may write there meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pawl {

class BlockWriter {
 public:
  enum class Outcome { kWritten, kUnable, kFailed };

  BlockWriter() = default;
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;
  ~BlockWriter();

  // fd: of the file at `path`, open to be read. Everything written by it before is synced.
  Outcome append(int fd, const std::string& path, std::uint64_t offset, std::string_view bytes);
  // Somebody wrote the file by other means: what stands in the last block is read again.
  void forget() { next_ = kNowhere; }

 private:
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
  struct Free {
    void operator()(char* bytes) const;
  };

  bool open(int fd, const std::string& path);
  bool make_room(std::size_t bytes);
  bool read_before(int fd, std::uint64_t block, std::size_t count);

  int fd_ = -1;
  bool unable_ = false;
  std::uint64_t end_ = 0;          // of the file, as far as it was looked at
  std::uint64_t next_ = kNowhere;  // whose block's begin stands at the buffer's begin
  std::unique_ptr<char, Free> buffer_;
  std::size_t capacity_ = 0;
};

}  // namespace pawl
