#include "tests/support/fault_files.h"

#include <algorithm>
#include <map>
#include <utility>

namespace pawl {
namespace {

tl::unexpected<Error> not_found(const std::string& path) {
  return fail(Code::kNotFound, path + ": No such file or directory");
}

// "pawl::Status pawl::Ledger::open(int)" -> "open"
std::string function_of(std::string_view signature) {
  const std::size_t end = std::min(signature.find('('), signature.size());
  const std::size_t begin = signature.find_last_of(": *&", end == 0 ? 0 : end - 1);
  return std::string(signature.substr(begin == signature.npos ? 0 : begin + 1, end - (begin + 1)));
}

}  // namespace

std::string sync_site(const CallSite& from, bool directory) {
  std::string_view file = from.file_name();
  const std::size_t root = file.rfind("src/");
  file.remove_prefix(root == file.npos ? 0 : root + 4);
  return std::string(file) + ":" + std::to_string(from.line()) + " " +
         function_of(from.function_name()) + (directory ? " sync_directory" : " sync");
}

class FaultFiles::Handle final : public File {
 public:
  Handle(FaultFiles& files, std::shared_ptr<DiskFile> file, std::string path, bool writable)
      : files_(files), file_(std::move(file)), path_(std::move(path)), writable_(writable) {}

  Result<std::string> read_at(std::uint64_t offset, std::size_t count) override {
    const Result<Verdict> verdict = files_.enter(Operation::kRead, path_);
    if (!verdict || verdict->refused()) {
      return verdict ? refuse(*verdict, path_) : fail(verdict.error());
    }
    MutexLock lock(files_.mutex_);
    const std::string& bytes = file_->bytes();
    return bytes.substr(std::min<std::size_t>(offset, bytes.size()), count);
  }

  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    return change(Operation::kWrite, offset + bytes.size(), [&](const Verdict& verdict) {
      if (!verdict.fault) {
        file_->write(offset, bytes);
      } else if (*verdict.fault == Fault::kShortWrite) {
        file_->write(offset, bytes.substr(0, bytes.size() / 2));
      }
    });
  }

  Status truncate(std::uint64_t size) override {
    return change(Operation::kTruncate, 0, [&](const Verdict& verdict) {
      if (!verdict.fault) {
        file_->truncate(size);
      }
    });
  }

  Status sync(CallSite from) override {
    const Result<Verdict> verdict = files_.enter(Operation::kSync, path_);
    if (!verdict) {
      return fail(verdict.error());
    }
    MutexLock lock(files_.mutex_);
    if (sync_failed_) {
      return fail(Code::kIo, path_ + ": an earlier sync failed; what is durable is not known");
    }
    sync_failed_ = verdict->fault.has_value();
    const bool counts = files_.note_site(from, false);
    if (verdict->fault) {
      file_->sync_failed();
    } else if (!verdict->interrupted && counts) {
      file_->sync();
    }
    return verdict->refused() ? Status(refuse(*verdict, path_)) : Status();
  }

  Result<std::uint64_t> size() override {
    const Result<Verdict> verdict = files_.enter(Operation::kSize, path_);
    if (!verdict || verdict->refused()) {
      return verdict ? refuse(*verdict, path_) : fail(verdict.error());
    }
    MutexLock lock(files_.mutex_);
    return file_->bytes().size();
  }

 private:
  // `end`: how far the file must reach for it.
  template <class Apply>
  Status change(Operation operation, std::uint64_t end, Apply apply) {
    const Result<Verdict> verdict = files_.enter(operation, path_);
    if (!verdict) {
      return fail(verdict.error());
    }
    if (!writable_) {
      return fail(Code::kIo, path_ + ": Bad file descriptor (opened to read)");
    }
    MutexLock lock(files_.mutex_);
    if (end > file_->bytes().size() && files_.no_room(path_)) {
      return fail(Code::kIo, path_ + ": No space left on device");
    }
    apply(*verdict);
    return verdict->refused() ? Status(refuse(*verdict, path_)) : Status();
  }

  FaultFiles& files_;
  std::shared_ptr<DiskFile> file_;
  std::string path_;
  bool writable_;
  bool sync_failed_ = false;  // as the real File
};

class FaultFiles::Lock final : public FileLock {
 public:
  Lock(FaultFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Lock() override { files_.unlock(path_); }

 private:
  FaultFiles& files_;
  std::string path_;
};

void FaultFiles::fail_call(Operation operation, std::uint64_t nth, Fault fault, bool from_then_on) {
  MutexLock lock(mutex_);
  scripts_.push_back({operation, nth, fault, from_then_on});
}

void FaultFiles::cut_power_at(std::uint64_t number) {
  MutexLock lock(mutex_);
  cut_at_ = number;
}

void FaultFiles::set_hook(std::function<void(const Call&)> hook) {
  MutexLock lock(mutex_);
  hook_ = std::move(hook);
}

std::uint64_t FaultFiles::calls() const {
  MutexLock lock(mutex_);
  return calls_;
}

void FaultFiles::set_free_bytes(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  free_bytes_ = bytes;
}

void FaultFiles::fail_at(std::uint64_t number, Fault fault, bool from_then_on) {
  MutexLock lock(mutex_);
  fail_at_ = At{number, fault, from_then_on};
}

void FaultFiles::set_full(bool full) {
  MutexLock lock(mutex_);
  full_ = full;
}

void FaultFiles::ignore_syncs(const std::string& site) {
  MutexLock lock(mutex_);
  ignored_site_ = site;
}

std::set<std::string> FaultFiles::sync_sites() const {
  MutexLock lock(mutex_);
  return sites_;
}

bool FaultFiles::note_site(const CallSite& from, bool directory) {
  std::string site = sync_site(from, directory);
  const bool counts = ignored_site_.empty() || site != ignored_site_;
  sites_.insert(std::move(site));
  return counts;
}

bool FaultFiles::no_room(const std::string& path) {
  if (full_) {
    faulted_.push_back(path);
  }
  return full_;
}

bool FaultFiles::off() const {
  MutexLock lock(mutex_);
  return off_;
}

std::vector<std::string> FaultFiles::faulted() const {
  MutexLock lock(mutex_);
  return faulted_;
}

void FaultFiles::fill_at(std::uint64_t number) {
  MutexLock lock(mutex_);
  fill_at_ = number;
}

std::unique_ptr<FaultFiles> FaultFiles::successor(Disk disk) {
  auto after = std::make_unique<FaultFiles>();
  MutexLock after_lock(after->mutex_);
  after->disk_ = std::move(disk);
  after->free_bytes_ = free_bytes_;
  after->ignored_site_ = ignored_site_;
  after->sites_ = sites_;
  off_ = true;
  return after;
}

std::unique_ptr<FaultFiles> FaultFiles::power_cut(std::uint64_t seed) {
  SeededRandom random(seed);
  MutexLock lock(mutex_);
  return successor(disk_.survive(random));
}

std::unique_ptr<FaultFiles> FaultFiles::kill() {
  MutexLock lock(mutex_);
  return successor(disk_.copy());
}

std::optional<std::string> FaultFiles::contents(const std::string& path) const {
  MutexLock lock(mutex_);
  const std::shared_ptr<DiskFile> file = disk_.find(path);
  return file ? std::optional<std::string>(file->bytes()) : std::nullopt;
}

void FaultFiles::put(const std::string& path, std::string bytes) {
  MutexLock lock(mutex_);
  disk_.put(path, std::move(bytes));
}

Result<FaultFiles::Verdict> FaultFiles::enter(Operation operation, const std::string& path) {
  std::function<void(const Call&)> hook;
  Call call{0, operation, path};
  {
    MutexLock lock(mutex_);
    call.number = ++calls_;
    hook = hook_;
  }
  if (hook) {
    hook(call);
  }
  MutexLock lock(mutex_);
  if (off_) {
    return fail(Code::kIo, path + ": the power is off");
  }
  Verdict verdict;
  verdict.interrupted = off_ = cut_at_ != 0 && call.number >= cut_at_;
  verdict.fault = scripted_fault(call);
  full_ = full_ || call.number == fill_at_;
  if (verdict.refused()) {
    faulted_.push_back(path);
  }
  return verdict;
}

std::optional<FaultFiles::Fault> FaultFiles::scripted_fault(const Call& call) {
  std::optional<Fault> fault;
  if (fail_at_ && (call.number == fail_at_->number ||
                   (fail_at_->from_then_on && call.number > fail_at_->number))) {
    fault = fail_at_->fault;
  }
  for (Script& script : scripts_) {
    if (script.operation != call.operation || script.left == 0) {
      continue;
    }
    if (script.left == 1) {
      fault = script.fault;
    }
    script.left -= script.left == 1 && script.from_then_on ? 0 : 1;
  }
  return fault;
}

tl::unexpected<Error> FaultFiles::refuse(const Verdict& verdict, const std::string& path) {
  if (verdict.interrupted) {
    return fail(Code::kIo, path + ": the power went off");
  }
  const bool full = verdict.fault == Fault::kNoSpace;
  return fail(Code::kIo, path + (full ? ": No space left on device" : ": Input/output error"));
}

void FaultFiles::unlock(const std::string& path) {
  MutexLock lock(mutex_);
  locks_.erase(path);
}

Result<std::unique_ptr<File>> FaultFiles::open(const std::string& path, OpenMode mode) {
  const Result<Verdict> verdict = enter(Operation::kOpen, path);
  if (!verdict || verdict->fault) {
    return verdict ? refuse(*verdict, path) : fail(verdict.error());
  }
  MutexLock lock(mutex_);
  const bool creates = mode == OpenMode::kCreate || mode == OpenMode::kCreateOnly;
  std::shared_ptr<DiskFile> file = disk_.find(path);
  if (file && mode == OpenMode::kCreateOnly) {
    return fail(Code::kConflict, path + ": File exists");
  }
  if (file && file->directory()) {
    return fail(Code::kInvalidParams, path + ": expected a regular file, found a folder");
  }
  if (!file) {
    if (!creates || !disk_.is_directory(directory_of(path))) {
      return not_found(path);
    }
    if (no_room(path)) {
      return fail(Code::kIo, path + ": No space left on device");
    }
    file = std::make_shared<DiskFile>();
    disk_.set(path, file);
  }
  if (verdict->interrupted) {
    return refuse(*verdict, path);
  }
  return std::make_unique<Handle>(*this, std::move(file), path, mode != OpenMode::kRead);
}

Status FaultFiles::make_directory(const std::string& path) {
  const Result<Verdict> verdict = enter(Operation::kMakeDirectory, path);
  if (!verdict || verdict->fault) {
    return verdict ? refuse(*verdict, path) : fail(verdict.error());
  }
  MutexLock lock(mutex_);
  const std::shared_ptr<DiskFile> file = disk_.find(path);
  if (file && !file->directory()) {
    return fail(Code::kConflict, path + ": File exists");
  }
  if (!file && !disk_.is_directory(directory_of(path))) {
    return not_found(path);
  }
  if (!file && no_room(path)) {
    return fail(Code::kIo, path + ": No space left on device");
  }
  if (!file) {
    disk_.set(path, std::make_shared<DiskFile>(true));
  }
  return verdict->interrupted ? Status(refuse(*verdict, path)) : Status();
}

Result<std::vector<std::string>> FaultFiles::list(const std::string& directory) {
  const Result<Verdict> verdict = enter(Operation::kList, directory);
  if (!verdict || verdict->refused()) {
    return verdict ? refuse(*verdict, directory) : fail(verdict.error());
  }
  MutexLock lock(mutex_);
  if (!disk_.is_directory(directory)) {
    return not_found(directory);
  }
  return disk_.list(directory);
}

bool FaultFiles::exists(const std::string& path) {
  const Result<Verdict> verdict = enter(Operation::kExists, path);
  if (!verdict || verdict->refused()) {
    return true;  // it cannot be told
  }
  MutexLock lock(mutex_);
  return disk_.find(path) != nullptr;
}

Status FaultFiles::rename(const std::string& from, const std::string& to) {
  const Result<Verdict> verdict = enter(Operation::kRename, from);
  if (!verdict || verdict->fault) {
    return verdict ? refuse(*verdict, from) : fail(verdict.error());
  }
  MutexLock lock(mutex_);
  if (!disk_.find(from) || !disk_.is_directory(directory_of(to))) {
    return not_found(from);
  }
  if (disk_.find(to) && (disk_.is_directory(from) || disk_.is_directory(to))) {
    return fail(Code::kIo, from + ": Directory not empty");
  }
  if (from != to) {
    disk_.rename(from, to);
  }
  return verdict->interrupted ? Status(refuse(*verdict, from)) : Status();
}

Status FaultFiles::remove(const std::string& path) {
  const Result<Verdict> verdict = enter(Operation::kRemove, path);
  if (!verdict || verdict->fault) {
    return verdict ? refuse(*verdict, path) : fail(verdict.error());
  }
  MutexLock lock(mutex_);
  if (!disk_.find(path)) {
    return not_found(path);
  }
  if (disk_.is_directory(path)) {
    return fail(Code::kIo, path + ": Is a directory");
  }
  disk_.erase(path);
  return verdict->interrupted ? Status(refuse(*verdict, path)) : Status();
}

Status FaultFiles::sync_directory(const std::string& path, CallSite from) {
  const Result<Verdict> verdict = enter(Operation::kSyncDirectory, path);
  if (!verdict) {
    return fail(verdict.error());
  }
  MutexLock lock(mutex_);
  const bool counts = note_site(from, true);
  if (verdict->refused()) {
    return refuse(*verdict, path);
  }
  if (!disk_.is_directory(path)) {
    return not_found(path);
  }
  if (counts) {
    disk_.sync_directory(path);
  }
  return {};
}

Result<std::unique_ptr<FileLock>> FaultFiles::lock(const std::string& path,
                                                   const std::string& note) {
  const Result<Verdict> verdict = enter(Operation::kLock, path);
  if (!verdict || verdict->refused()) {
    return verdict ? refuse(*verdict, path) : fail(verdict.error());
  }
  MutexLock guard(mutex_);
  if (!disk_.is_directory(directory_of(path))) {
    return not_found(path);
  }
  const auto [at, fresh] = locks_.emplace(path, note);
  if (!fresh) {
    return fail(Code::kConflict, path + ": locked by " + at->second);
  }
  if (!disk_.find(path)) {
    disk_.set(path, std::make_shared<DiskFile>());
  }
  return std::make_unique<Lock>(*this, path);
}

Result<std::uint64_t> FaultFiles::free_bytes(const std::string& path) {
  const Result<Verdict> verdict = enter(Operation::kFreeBytes, path);
  if (!verdict || verdict->refused()) {
    return verdict ? refuse(*verdict, path) : fail(verdict.error());
  }
  MutexLock lock(mutex_);
  return free_bytes_;
}

}  // namespace pawl
