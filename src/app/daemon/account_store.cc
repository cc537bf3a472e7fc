#include "app/daemon/account_store.h"

#include <chrono>
#include <thread>

#include "base/os/file_mode.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

// A change takes some syncs, so somebody who comes meanwhile waits rather than fails.
constexpr auto kPoll = std::chrono::milliseconds(10);
constexpr int kMaxPolls = 300;

Result<std::unique_ptr<FileLock>> wait_for_lock(Files& files, const std::string& path) {
  Result<std::unique_ptr<FileLock>> lock = files.lock(path, "changing the accounts");
  for (int polls = 0; !lock && lock.error().code == Code::kConflict && polls < kMaxPolls; ++polls) {
    std::this_thread::sleep_for(kPoll);
    lock = files.lock(path, "changing the accounts");
  }
  return lock;
}

}  // namespace

Result<sign_in::AccountList> AccountStore::read() const {
  if (!files_.exists(file())) {
    return sign_in::AccountList{};
  }
  for (const std::string& path : {folder_, file()}) {
    const Status closed = &files_ == &system_files() ? require_private(path) : Status();
    if (!closed) {
      return fail(closed.error());
    }
  }
  const Result<std::string> text = read_file(files_, file(), kMaxBytes);
  if (!text) {
    return fail(text.error());
  }
  Result<sign_in::AccountList> list = sign_in::AccountList::parse(*text);
  return list ? std::move(list) : fail_at(file(), list.error());
}

Result<FileStamp> AccountStore::stamp() const {
  if (&files_ == &system_files()) {
    return stamp_of(file());
  }
  FileStamp out;
  out.is_there = files_.exists(file());
  const Result<std::string> text =
      out.is_there ? read_file(files_, file(), kMaxBytes) : Result<std::string>("");
  out.inode = text ? std::hash<std::string>()(*text) : 0;
  return text ? Result<FileStamp>(out) : fail(text.error());
}

Status AccountStore::change(const std::function<Status(sign_in::AccountList&)>& change) {
  if (Status made = make_durable_directory(files_, folder_); !made) {
    return made;
  }
  const Result<std::unique_ptr<FileLock>> lock = wait_for_lock(files_, folder_ + "/lock");
  if (!lock) {
    return fail(lock.error());
  }
  Result<sign_in::AccountList> list = read();
  if (!list) {
    return fail(list.error());
  }
  const Status changed = change(*list);
  return changed ? write_file(files_, file(), list->print()) : changed;
}

}  // namespace pawl
