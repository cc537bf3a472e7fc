#include "app/daemon/people_files.h"

#include <chrono>
#include <thread>

#include "base/os/file_mode.h"

namespace pawl {
namespace {

// A change takes some syncs, so somebody who comes meanwhile waits rather than fails.
constexpr auto kPoll = std::chrono::milliseconds(10);
constexpr int kMaxPolls = 300;

}  // namespace

Result<std::string> read_closed(Files& files, const std::string& folder, const std::string& file) {
  for (const std::string& path : {folder, file}) {
    const Status closed = &files == &system_files() ? require_private(path) : Status();
    if (!closed) {
      return fail(closed.error());
    }
  }
  return read_file(files, file, kMaxPeopleBytes);
}

Result<std::unique_ptr<FileLock>> lock_people(Files& files, const std::string& folder) {
  if (Status made = make_durable_directory(files, folder); !made) {
    return fail(made.error());
  }
  const std::string path = folder + "/lock";
  Result<std::unique_ptr<FileLock>> lock = files.lock(path, "changing the accounts");
  for (int polls = 0; !lock && lock.error().code == Code::kConflict && polls < kMaxPolls; ++polls) {
    std::this_thread::sleep_for(kPoll);
    lock = files.lock(path, "changing the accounts");
  }
  return lock;
}

}  // namespace pawl
