#include "base/os/credential_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pawl {

Status require_credential(const std::string& path) {
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
  const bool is_listed = info.st_uid == 0 && info.st_gid == 0;  // the group's bits are an ACL's
  const mode_t wrong =
      static_cast<mode_t>(is_listed ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO);
  if ((info.st_mode & wrong) != 0) {
    return fail(Code::kForbidden, path +
                                      ": open to its group or to others; expected mode 0400, "
                                      "as systemd makes it");
  }
  return {};
}

}  // namespace pawl
