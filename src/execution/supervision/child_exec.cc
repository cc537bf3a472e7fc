#include "execution/supervision/child_exec.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace pawl {

namespace {

constexpr int kReportFd = 3;
constexpr int kGoFd = 4;

[[noreturn]] void give_up(int report, ExecStage stage) {
  const ExecFailure failure{stage, errno};
  [[maybe_unused]] const ssize_t ignored = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

bool limit(int resource, rlim_t value) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) {
    return false;
  }
  const rlim_t wanted = now.rlim_max < value ? now.rlim_max : value;
  const rlimit next{wanted, wanted};
  return ::setrlimit(static_cast<__rlimit_resource>(resource), &next) == 0;
}

bool set_limits(const ExecPlan& plan) {
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, plan.open_files) &&
         (plan.address_space == 0 || limit(RLIMIT_AS, plan.address_space));
}

bool set_user(const ExecPlan& plan) {
  return !plan.has_user ||
         (::setgroups(0, nullptr) == 0 && ::setresgid(plan.group, plan.group, plan.group) == 0 &&
          ::setresuid(plan.user, plan.user, plan.user) == 0);
}

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    ::sigaction(signal, &standard, nullptr);  // SIGKILL, SIGSTOP and the library's own refuse
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

const char* exec_stage_name(ExecStage stage) {
  switch (stage) {
    case ExecStage::kLimits:
      return "set its limits";
    case ExecStage::kUser:
      return "become its user";
    case ExecStage::kPrivileges:
      return "give up privileges";
    case ExecStage::kDirectory:
      return "change to its working directory";
    case ExecStage::kExec:
      return "run the program";
  }
  return "start";
}

void exec_child(const ExecPlan& plan) noexcept {
  ::setsid();
  reset_signals();
  // After the change of user, which clears the parent-death signal.
  if (!set_limits(plan)) {
    give_up(plan.report, ExecStage::kLimits);
  }
  if (!set_user(plan)) {
    give_up(plan.report, ExecStage::kUser);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    give_up(plan.report, ExecStage::kPrivileges);
  }
  if (::getppid() != plan.parent) {
    ::_exit(127);  // the parent died before the signal was armed
  }
  ::dup2(plan.input, 0);
  ::dup2(plan.output, 1);
  ::dup2(plan.errors, 2);
  ::dup2(plan.report, kReportFd);
  ::dup2(plan.go, kGoFd);
  ::fcntl(kReportFd, F_SETFD, FD_CLOEXEC);
  ::fcntl(kGoFd, F_SETFD, FD_CLOEXEC);
  // Before the wait, which may be long: no connection of the parent stays open because of us.
  ::close_range(kFirstFree, ~0U, 0);
  char go = 0;
  if (::read(kGoFd, &go, 1) != 1) {
    ::_exit(127);
  }
  if (plan.directory != nullptr && ::chdir(plan.directory) != 0) {
    give_up(kReportFd, ExecStage::kDirectory);
  }
  ::execve(plan.path, plan.argv, plan.envp);
  give_up(kReportFd, ExecStage::kExec);
}

}  // namespace pawl
