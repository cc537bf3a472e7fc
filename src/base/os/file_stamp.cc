#include "base/os/file_stamp.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace pawl {

Result<FileStamp> stamp_of(const std::string& path) {
  constexpr std::int64_t kNsPerS = 1'000'000'000;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    const int error = errno;
    return error == ENOENT
               ? Result<FileStamp>(FileStamp{})
               : fail(Code::kIo, path + ": cannot stat: " + std::generic_category().message(error));
  }
  FileStamp out;
  out.is_there = true;
  out.device = info.st_dev;
  out.inode = info.st_ino;
  out.mode = info.st_mode;
  out.owner = info.st_uid;
  out.size = info.st_size;
  out.changed_ns = info.st_ctim.tv_sec * kNsPerS + info.st_ctim.tv_nsec;
  return out;
}

}  // namespace pawl
