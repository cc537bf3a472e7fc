#include "base/files.h"

namespace pawl {
namespace {

Status write_temporary(Files& files, const std::string& path, std::string_view bytes) {
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kCreate);
  if (!file) {
    return fail(file.error());
  }
  Status status = (*file)->truncate(0);  // a crash may have left an older one
  if (status) {
    status = (*file)->write_at(0, bytes);
  }
  if (status) {
    status = (*file)->sync();
  }
  return status;
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

Status write_file(Files& files, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  Status status = write_temporary(files, temporary, bytes);
  if (status) {
    status = files.rename(temporary, path);
  }
  if (!status) {
    static_cast<void>(files.remove(temporary));  // best effort: the next write truncates it
    return status;
  }
  return files.sync_directory(directory_of(path));
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace pawl
