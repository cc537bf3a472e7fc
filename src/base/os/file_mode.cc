#include "base/os/file_mode.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pawl {

namespace {

bool is_of_its_service(const struct stat& info, const std::string& folder) {
  struct stat owner {};
  return ::geteuid() == 0 && !folder.empty() && ::stat(folder.c_str(), &owner) == 0 &&
         owner.st_uid == info.st_uid;
}

}  // namespace

Status require_private(const std::string& path, const std::string& folder) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    const int error = errno;
    return fail(error == ENOENT ? Code::kNotFound : Code::kIo,
                path + ": cannot stat: " + std::generic_category().message(error));
  }
  if (info.st_uid != ::geteuid() && info.st_uid != 0 && !is_of_its_service(info, folder)) {
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

Status require_closed_folder(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    const int error = errno;
    return fail(error == ENOENT ? Code::kNotFound : Code::kIo,
                path + ": cannot stat: " + std::generic_category().message(error));
  }
  return (info.st_mode & (S_IWGRP | S_IWOTH)) == 0
             ? Status{}
             : Status(fail(Code::kForbidden, path +
                                                 ": its group or others can put other files into "
                                                 "it; `chmod go-w " +
                                                 path + "` mends it"));
}

}  // namespace pawl
