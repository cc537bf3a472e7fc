// The pages of a file, shared with the kernel: what is put there survives the process, and costs no
// system call.
//
// Threading:  one thread at a time. Ownership: the mapping; the descriptor may be closed meanwhile.
// Durability: that of write(): after a sync of the file.
// Errors:     none after cover(). A file that somebody shortens meanwhile, or whose page the disk
//             cannot read any more, ends the process (SIGBUS).
#pragma once

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pawl {

class FileMap {
 public:
  FileMap() = default;
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;
  ~FileMap() { drop(); }

  std::size_t size() const { return size_; }
  // False: the file is shorter, or its file system is not known to write in place. One that copies
  // on write needs room for a change of a page, and has no way to refuse it but a signal.
  bool cover(int fd, std::uint64_t size) {
    struct stat info {};
    drop();
    if (::fstat(fd, &info) < 0 || static_cast<std::uint64_t>(info.st_size) < size ||
        !writes_in_place(fd)) {
      return false;
    }
    const auto all = static_cast<std::size_t>(info.st_size);
    void* at = ::mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
      return false;
    }
    bytes_ = static_cast<char*>(at);
    size_ = all;
    return true;
  }
  void put(std::uint64_t offset, std::string_view bytes) {
    std::memcpy(bytes_ + offset, bytes.data(), bytes.size());
  }
  void drop() {
    if (bytes_ != nullptr) {
      ::munmap(bytes_, size_);
    }
    bytes_ = nullptr;
    size_ = 0;
  }

 private:
  static bool writes_in_place(int fd) {
    struct statfs system {};
    return ::fstatfs(fd, &system) == 0 &&
           (system.f_type == EXT4_SUPER_MAGIC || system.f_type == XFS_SUPER_MAGIC ||
            system.f_type == TMPFS_MAGIC);
  }

  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pawl
