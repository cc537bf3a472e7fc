#include "app/daemon/data_folder.h"

#include "base/encoding.h"
#include "base/os/file_mode.h"

namespace pawl {
namespace {

// Whoever can write there could have us write into any file of ours, by a link in a name's place.
Status require_closed(Files& files, const std::string& path) {
  const bool is_on_disk = &files == &system_files();
  return is_on_disk && files.exists(path) ? require_closed_folder(path) : Status{};
}

}  // namespace

Result<std::unique_ptr<FileLock>> occupy(Files& files, const DataFolder& folder) {
  // Not the ledger's folder: whether it is missing tells where a switch of logs was interrupted.
  for (const std::string& path : {folder.root, folder.run(), folder.servers()}) {
    if (Status made = make_durable_directory(files, path); !made) {
      return fail_at("data folder", made.error());
    }
    if (Status closed = require_closed(files, path); !closed) {
      return fail_at("data folder", closed.error());
    }
  }
  if (Status closed = require_closed(files, folder.ledger()); !closed) {
    return fail_at("data folder", closed.error());
  }
  Result<std::unique_ptr<FileLock>> lock = files.lock(folder.root + "/lock", "pawl serve");
  if (!lock) {
    return fail_at("data folder " + folder.root, lock.error());
  }
  return lock;
}

Result<std::string> write_token(Files& files, const std::string& path, Random& random) {
  std::string token = base64url_encode(random.bytes(32));
  if (Status written = write_file(files, path, token); !written) {
    return fail(written.error());
  }
  return token;
}

}  // namespace pawl
