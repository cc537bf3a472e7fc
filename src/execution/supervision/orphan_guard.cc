#include "execution/supervision/orphan_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/limit_stat.h"

namespace pawl {

namespace {

struct Groups {
  std::array<pid_t, OrphanGuard::kMaxGroups> ids{};
  std::size_t count = 0;

  void take(pid_t message) {
    if (message > 1) {
      if (count < ids.size()) {
        ids[count++] = message;
      }
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (ids[i] == -message) {
        ids[i] = ids[--count];
        return;
      }
    }
  }
};

// The guard's whole life. `input` is the only descriptor it keeps.
[[noreturn]] void run_guard(int input) {
  ::setsid();
  ::prctl(PR_SET_NAME, "pawl-guard");
  ::prctl(PR_SET_PDEATHSIG, 0);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    ::signal(signal, SIG_IGN);
  }
  ::dup2(input, 0);
  ::close_range(1, ~0U, 0);
  Groups groups;
  pid_t message = 0;
  while (true) {
    const ssize_t got = ::read(0, &message, sizeof message);  // written in one piece
    if (got == static_cast<ssize_t>(sizeof message)) {
      groups.take(message);
    } else if (got >= 0 || errno != EINTR) {
      break;
    }
  }
  for (std::size_t i = 0; i < groups.count; ++i) {
    ::kill(-groups.ids[i], SIGKILL);
  }
  ::_exit(0);
}

LimitStat orphan_groups("orphan_groups");

}  // namespace

Result<std::shared_ptr<OrphanGuard>> OrphanGuard::start() {
  std::shared_ptr<OrphanGuard> guard(new OrphanGuard);
  if (Status launched = guard->launch(); !launched) {
    return fail(launched.error());
  }
  return guard;
}

OrphanGuard::~OrphanGuard() {
  end();
  const auto owners = std::move(groups_);  // their ends must not find this half destroyed
}

Status OrphanGuard::launch() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(Code::kIo, std::string("pipe of the orphan guard: ") + std::strerror(errno));
  }
  const pid_t pid = ::fork();
  if (pid == 0) {
    run_guard(ends[0]);
  }
  ::close(ends[0]);
  if (pid < 0) {
    ::close(ends[1]);
    return fail(Code::kIo, std::string("fork of the orphan guard: ") + std::strerror(errno));
  }
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  pipe_ = ends[1];
  pid_ = pid;
  for (const auto& [group, owner] : groups_) {
    if (!tell(group)) {
      return fail(Code::kIo, "the orphan guard died at its start");
    }
  }
  return {};
}

void OrphanGuard::end() {
  if (pipe_ >= 0) {
    ::close(pipe_);
    pipe_ = -1;
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
}

bool OrphanGuard::tell(pid_t message) {
  ssize_t written = -1;
  do {
    written = ::write(pipe_, &message, sizeof message);
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(sizeof message);
}

Status OrphanGuard::watch(pid_t group) {
  if (group <= 1) {
    return fail(Code::kInternal, "not a process group: " + std::to_string(group));
  }
  if (groups_.size() >= kMaxGroups) {
    orphan_groups.reached();
    return fail(Code::kOverloaded,
                "more than " + std::to_string(kMaxGroups) + " local servers at once");
  }
  groups_.try_emplace(group);
  if (pipe_ >= 0 && tell(group)) {
    return {};
  }
  if (pipe_ >= 0) {
    ::kill(pid_, SIGKILL);  // alive but not reading is no guard; its groups must not end with it
  }
  end();
  Status launched = launch();
  if (!launched) {
    end();
    groups_.erase(group);
  }
  return launched;
}

void OrphanGuard::keep(pid_t group, std::shared_ptr<void> owner) {
  if (const auto found = groups_.find(group); found != groups_.end()) {
    found->second = std::move(owner);
  }
}

void OrphanGuard::forget(pid_t group) {
  if (groups_.erase(group) > 0 && pipe_ >= 0 && !tell(-group)) {
    ::kill(pid_, SIGKILL);  // it would kill a stranger's group later; watch() starts another
    end();
  }
}

}  // namespace pawl
