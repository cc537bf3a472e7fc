#include "base/files.h"

namespace pawl {
namespace {

Status write_temporary(Files& files, const std::string& path, std::string_view bytes,
                       CallSite from) {
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kCreate);
  if (!file) {
    return fail(file.error());
  }
  Status status = (*file)->truncate(0);  // a crash may have left an older one
  if (status) {
    status = (*file)->write_at(0, bytes);
  }
  if (status) {
    status = (*file)->sync(from);
  }
  return status;
}

// `temporary` becomes `path`, durably, or is removed.
Status put_in_place(Files& files, const std::string& temporary, const std::string& path,
                    std::string_view bytes, CallSite from) {
  Status status = write_temporary(files, temporary, bytes, from);
  if (status) {
    status = files.rename(temporary, path);
  }
  if (!status) {
    static_cast<void>(files.remove(temporary));  // best effort: the next write truncates it
    return status;
  }
  return files.sync_directory(directory_of(path), from);
}

}  // namespace

Result<std::string> read_file(Files& files, const std::string& path, std::size_t max_bytes) {
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kRead);
  if (!file) {
    return fail(file.error());
  }
  Result<std::uint64_t> size = (*file)->size();
  if (!size) {
    return fail(size.error());
  }
  if (*size > max_bytes) {
    return fail(Code::kTooLarge, path + ": " + std::to_string(*size) + " bytes, at most " +
                                     std::to_string(max_bytes) + " are read");
  }
  return (*file)->read_at(0, static_cast<std::size_t>(*size));
}

Status write_file(Files& files, const std::string& path, std::string_view bytes, CallSite from) {
  return put_in_place(files, path + ".tmp", path, bytes, from);
}

// The lock is on the temporary file: of two that make the same file one waits in vain, and the
// other is over before it looks whether the file exists.
Status create_file(Files& files, const std::string& path, std::string_view bytes, CallSite from) {
  const std::string temporary = path + ".tmp";
  const Result<std::unique_ptr<FileLock>> lock = files.lock(temporary, "making " + path);
  if (!lock) {
    return fail(lock.error());
  }
  if (files.exists(path)) {
    static_cast<void>(files.remove(temporary));
    return fail(Code::kConflict, path + ": there is one already");
  }
  return put_in_place(files, temporary, path, bytes, from);
}

Status make_durable_directory(Files& files, const std::string& path, CallSite from) {
  Status status = files.make_directory(path);
  return status ? files.sync_directory(directory_of(path), from) : status;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace pawl
