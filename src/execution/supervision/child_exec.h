// The child's side of a start: everything between fork and exec.
//
// Threading:  runs in a fork of a process that may have many threads, so it makes only
//             async-signal-safe calls; all memory it needs is prepared before.
// Ownership:  borrows everything.
// Errors:     a stage and an errno through `report`, then _exit(127).
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace pawl {

enum class ExecStage : std::uint8_t { kLimits, kUser, kPrivileges, kDirectory, kExec };
const char* exec_stage_name(ExecStage stage);  // "change the working directory"

struct ExecFailure {
  ExecStage stage = ExecStage::kExec;
  int problem = 0;  // errno
};

// The lowest number that exec_child() does not take for its own use.
inline constexpr int kFirstFree = 5;

struct ExecPlan {
  const char* path = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* directory = nullptr;  // null: the caller's
  int input = -1;                   // all descriptors are kFirstFree or above
  int output = -1;
  int errors = -1;
  int go = -1;      // one byte: the orphan guard knows of us, and the program may run
  int report = -1;  // closed by a successful exec
  std::uint64_t open_files = 0;
  std::uint64_t address_space = 0;  // 0: no limit
  bool has_user = false;
  uid_t user = 0;
  gid_t group = 0;
  pid_t parent = 0;
};

[[noreturn]] void exec_child(const ExecPlan& plan) noexcept;

}  // namespace pawl
