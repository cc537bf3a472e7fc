// A file system in memory whose power can be cut and whose calls can be made to fail.
//
// Purpose:    show that what the code called durable is there after any power cut, and that every
//             failing call is noticed. fault_disk.h says what a cut may do to unsynced changes.
// Threading:  any thread. The hook runs without a lock held and may call back.
// Ownership:  outlives the Files' handles and locks. After power_cut() the old one stays off: every
//             call on it and its handles is kIo.
// Not errors: failing a call that never comes.
//
// Example: cut the power at every call, and look at what was promised
//   for (std::uint64_t n = 1;; ++n) {
//     FaultFiles files;
//     files.cut_power_at(n);
//     Status stored = write_file(files, "a", "new");
//     std::unique_ptr<FaultFiles> after = files.power_cut(seed + n);
//     if (stored) { EXPECT_EQ(after->contents("a"), "new"); break; }
//   }
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/mutex.h"
#include "tests/support/fault_disk.h"

namespace pawl {

// "foundation/ledger/segment.cc:117 create sync": below src/, line, function, what it does.
std::string sync_site(const CallSite& from, bool directory);

class FaultFiles final : public Files {
 public:
  enum class Operation {
    kOpen,
    kRead,
    kWrite,
    kSync,
    kSize,
    kTruncate,
    kMakeDirectory,
    kList,
    kExists,
    kRename,
    kRemove,
    kSyncDirectory,
    kLock,
    kFreeBytes,
  };
  enum class Fault {
    kIo,          // EIO; nothing changed (a failed sync loses what it should have synced)
    kNoSpace,     // ENOSPC; nothing changed
    kShortWrite,  // half of the bytes were written; other operations: as kIo
  };
  struct Call {
    std::uint64_t number = 0;  // from 1, over all operations
    Operation operation = Operation::kOpen;
    std::string path;
  };

  FaultFiles() = default;

  // The `nth` (from 1) call of `operation` from now on fails; with `from_then_on` every later one.
  void fail_call(Operation operation, std::uint64_t nth, Fault fault, bool from_then_on = false);
  // Call number `number` is interrupted: it fails, its change may or may not be on the disk, and
  // everything after it fails.
  void cut_power_at(std::uint64_t number);
  // Call number `number`, whatever its operation, meets `fault`; with `from_then_on` later ones
  // too.
  void fail_at(std::uint64_t number, Fault fault, bool from_then_on = false);
  // What needs room fails with ENOSPC: writes past the end of a file, new files and folders.
  void set_full(bool full);
  void fill_at(std::uint64_t number);  // from this call on
  // Syncs that this place in the source asks for (sync_site()) do nothing and say they did.
  void ignore_syncs(const std::string& site);
  // The places in src/ that asked for a sync so far.
  std::set<std::string> sync_sites() const;
  // Called at the start of every call, before any fault.
  void set_hook(std::function<void(const Call&)> hook);
  std::uint64_t calls() const;
  void set_free_bytes(std::uint64_t bytes);

  // Cuts the power now (if it is still on) and returns what the machine finds when it starts again.
  // The same seed gives the same survivors; different seeds may be tried on one cut.
  std::unique_ptr<FaultFiles> power_cut(std::uint64_t seed);
  // kill -9: every later call here fails, and the next process finds everything that was written,
  // synced or not; what was not may still be lost in a power cut later.
  std::unique_ptr<FaultFiles> kill();
  // The power went, or the process was killed.
  bool off() const;
  // The paths of the calls that met a fault or were interrupted, each as often as it happened.
  std::vector<std::string> faulted() const;

  // Behind the back of the code under test: not counted, durable at once.
  std::optional<std::string> contents(const std::string& path) const;
  void put(const std::string& path, std::string bytes);

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status make_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  bool exists(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync_directory(const std::string& path, CallSite from = CallSite::current()) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::string& note) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;

 private:
  class Handle;
  class Lock;
  struct Script {
    Operation operation;
    std::uint64_t left;  // calls until it fires, this one included
    Fault fault;
    bool from_then_on;
  };
  // What a call has to do, decided before it does it.
  struct Verdict {
    bool interrupted = false;  // the power goes during this call: change, then fail
    std::optional<Fault> fault;
    bool refused() const { return interrupted || fault.has_value(); }
  };

  // False: the site's syncs are ignored.
  bool note_site(const CallSite& from, bool directory) PAWL_REQUIRES(mutex_);
  std::unique_ptr<FaultFiles> successor(Disk disk) PAWL_REQUIRES(mutex_);
  bool no_room(const std::string& path) PAWL_REQUIRES(mutex_);

  // Counts the call, runs the hook, and decides; an error when the power is off already.
  Result<Verdict> enter(Operation operation, const std::string& path);
  std::optional<Fault> scripted_fault(const Call& call) PAWL_REQUIRES(mutex_);
  static tl::unexpected<Error> refuse(const Verdict& verdict, const std::string& path);
  void unlock(const std::string& path);

  mutable Mutex mutex_;
  Disk disk_ PAWL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> locks_ PAWL_GUARDED_BY(mutex_);  // path to note
  std::vector<Script> scripts_ PAWL_GUARDED_BY(mutex_);
  std::function<void(const Call&)> hook_ PAWL_GUARDED_BY(mutex_);
  std::uint64_t calls_ PAWL_GUARDED_BY(mutex_) = 0;
  struct At {
    std::uint64_t number;
    Fault fault;
    bool from_then_on;
  };
  std::optional<At> fail_at_ PAWL_GUARDED_BY(mutex_);
  std::uint64_t fill_at_ PAWL_GUARDED_BY(mutex_) = 0;  // 0: never
  std::vector<std::string> faulted_ PAWL_GUARDED_BY(mutex_);
  std::string ignored_site_ PAWL_GUARDED_BY(mutex_);
  std::set<std::string> sites_ PAWL_GUARDED_BY(mutex_);
  bool full_ PAWL_GUARDED_BY(mutex_) = false;
  std::uint64_t cut_at_ PAWL_GUARDED_BY(mutex_) = 0;  // 0: never
  std::uint64_t free_bytes_ PAWL_GUARDED_BY(mutex_) = std::uint64_t{1} << 40;
  bool off_ PAWL_GUARDED_BY(mutex_) = false;
};

}  // namespace pawl
