#include "foundation/keys/private_file.h"

#include "base/os/file_mode.h"

namespace pawl {
namespace {

Status require_private_on_disk(Files& files, const std::string& path) {
  return &files == &system_files() ? require_private(path) : Status();
}

}  // namespace

Result<std::string> read_private_file(Files& files, const std::string& path,
                                      std::size_t max_bytes) {
  if (const Status status = require_private_on_disk(files, path); !status) {
    return fail(status.error());
  }
  return read_file(files, path, max_bytes);
}

Status require_private_folder(Files& files, const std::string& folder) {
  return require_private_on_disk(files, folder);
}

}  // namespace pawl
