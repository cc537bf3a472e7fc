#include "base/os/file_mode.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
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

Status let_everybody_read(const std::string& path) {
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) != 0) {
    return fail(Code::kIo, path + ": chmod 644: " + std::generic_category().message(errno));
  }
  return {};
}

std::string other_owner(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || info.st_uid == ::geteuid()) {
    return "";
  }
  struct passwd entry {};
  struct passwd* found = nullptr;
  std::array<char, 16384> names{};
  const int error = ::getpwuid_r(info.st_uid, &entry, names.data(), names.size(), &found);
  return error == 0 && found != nullptr ? std::string(found->pw_name)
                                        : "#" + std::to_string(info.st_uid);
}

}  // namespace pawl
