// What ends our children when we can't: a tiny process that outlives a kill -9 of this one.
//
// Purpose:    the kernel's parent-death signal ends only direct children (npx), not theirs (sh,
//             node). The guard, a fork of this process in a session of its own, knows the process
//             group of each child and waits on a pipe that only this process holds: at its end, for
//             whatever reason, it sends SIGKILL to every group it was told of.
// Threading:  the I/O thread. Between fork and its end the guard makes only async-signal-safe
// calls. Ownership:  outlives the children it watches. Destroying it kills the groups still
// watched. Errors:     kIo (no process or pipe to be had), kOverloaded (more than kMaxGroups). Not
// errors: a guard that somebody killed: the next watch() starts another one with all groups.
// Limits:     a process that leaves its group on purpose (setsid) is not found; the service manager
//             ends it with the service's control group.
//
// Example:
//   Result<std::shared_ptr<OrphanGuard>> guard = OrphanGuard::start();
//   Status watched = (*guard)->watch(child_pid);   // before the child may start others
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <memory>

#include "base/result.h"

namespace pawl {

class OrphanGuard {
 public:
  static constexpr std::size_t kMaxGroups = 4096;

  static Result<std::shared_ptr<OrphanGuard>> start();
  ~OrphanGuard();
  OrphanGuard(const OrphanGuard&) = delete;
  OrphanGuard& operator=(const OrphanGuard&) = delete;

  Status watch(pid_t group);
  // Told before the group's leader is reaped, so that its number cannot belong to another yet.
  void forget(pid_t group);
  // Holds `owner`, who will call forget(group), as long as the group is watched.
  void keep(pid_t group, std::shared_ptr<void> owner);
  pid_t pid() const { return pid_; }

 private:
  OrphanGuard() = default;
  Status launch();
  void end();
  bool tell(pid_t message);  // a group, or minus one to forget

  int pipe_ = -1;
  pid_t pid_ = -1;
  std::map<pid_t, std::shared_ptr<void>> groups_;
};

}  // namespace pawl
