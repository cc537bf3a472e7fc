#include "base/os/file_mode.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pawl {

Status require_private(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    const int error = errno;
    return fail(error == ENOENT ? Code::kNotFound : Code::kIo,
                path + ": cannot stat: " + std::generic_category().message(error));
  }
  if (info.st_uid != ::geteuid() && info.st_uid != 0) {
    return fail(Code::kForbidden, path + ": belongs to another user (uid " +
                                      std::to_string(info.st_uid) + "), who can read it");
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    const char* mode = S_ISDIR(info.st_mode) ? "700 " : "600 ";
    return fail(Code::kForbidden,
                path + ": open to its group or to others; `chmod " + mode + path + "` mends it");
  }
  return {};
}

}  // namespace pawl
