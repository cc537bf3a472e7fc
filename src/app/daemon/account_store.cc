#include "app/daemon/account_store.h"

#include "app/daemon/people_files.h"

namespace pawl {

Result<sign_in::AccountList> AccountStore::read() const {
  if (!files_.exists(file())) {
    return sign_in::AccountList{};
  }
  const Result<std::string> text = read_closed(files_, folder_, file());
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
      out.is_there ? read_file(files_, file(), kMaxPeopleBytes) : Result<std::string>("");
  out.inode = text ? std::hash<std::string>()(*text) : 0;
  return text ? Result<FileStamp>(out) : fail(text.error());
}

Status AccountStore::change(const std::function<Status(sign_in::AccountList&)>& change) {
  const Result<std::unique_ptr<FileLock>> lock = lock_people(files_, folder_);
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
