// One local server as a child process, kept on a short lead.
//
// Purpose:    start an argument list (never a shell) in its own session, with no new privileges,
//             limits, an environment allow-list and no descriptor of ours; speak with it line by
//             line; keep its standard error; end it, and all of its process group, for certain.
// Threading:  the loop's own thread, which must live as long as its children: the kernel's
//             parent-death signal follows the thread that forked.
// Ownership:  destroying a ChildProcess kills its group at once; after stop() it lets the orderly
//             end go on. Either way the child is reaped later by the loop, and no callback follows.
//             The guard outlives its children's ends; destroying it kills them.
// Errors:     kInvalidParams (empty command, or a value that holds a zero byte), kNotFound (no such
//             program), kIo (no process or pipe), kOverloaded (orphan_guard.h). A program that
//             can't be executed is told by on_exit: ChildExit::problem.
// Not errors: a child that ends by itself; stop() of one that has ended.
//
// Example:
//   auto child = ChildProcess::start(loop, guard, {.command = {"npx", "-y", "server@1.2.3"}});
//   (*child)->channel().on_line(...);
//   (*child)->on_exit([](const ChildExit& exit) { ... exit.text() ... });
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "execution/supervision/orphan_guard.h"
#include "execution/supervision/stderr_file.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/unix_line.h"

namespace pawl {

struct ChildUser {
  uid_t user = 0;
  gid_t group = 0;
};

struct ChildExit {
  int status = -1;  // exit status; -1: ended by a signal, or never ran
  int signal = 0;
  std::string problem{};     // why it never ran; empty: it did
  bool was_asked = false;    // by stop(), before it ended
  bool was_killed = false;   // by us: stop() had no effect, or nobody held it any more
  std::string text() const;  // "exit status 1", "signal 9", "can't run the program: ..."
};

// Who keeps account of one process. It is held until the process has ended.
class ChildWatch {
 public:
  virtual ~ChildWatch() = default;
  // The process is there, and waits: its program runs when `go` is called with success, and never
  // when it is called with an error, which becomes ChildExit::problem.
  virtual void starting(std::function<void(Status)> go) = 0;
  // Once, after starting(), whoever still holds the ChildProcess. Not when this process ends first.
  virtual void ended(const ChildExit& exit) = 0;
};

struct ChildOptions {
  std::vector<std::string> command{};         // argv; a name without '/' is looked up in PATH
  std::map<std::string, std::string> env{};   // besides the allow-list, before which it wins
  std::string directory{};                    // empty: ours
  std::string name{};                         // for logs: its end is told there; empty: it is not
  std::shared_ptr<StderrFile> stderr_file{};  // null: only the tail is kept
  std::size_t stderr_tail_bytes = 4096;
  bool forward_stderr = false;  // also to our own standard error (a shim's client shows it)
  LineLimits lines{};
  std::uint64_t open_files = 1024;
  std::uint64_t address_space = 0;      // bytes; 0: no limit (node reserves far more than it uses)
  std::optional<ChildUser> user{};      // only when we may change users
  std::shared_ptr<ChildWatch> watch{};  // of this one process; null: its program runs at once
  std::chrono::milliseconds input_grace{2'000};  // stdin closed, then SIGTERM
  std::chrono::milliseconds term_grace{3'000};   // SIGTERM, then SIGKILL
};

// The variables a child inherits from us: PATH, HOME, LANG, LC_*, TZ, TMPDIR, USER, LOGNAME.
std::map<std::string, std::string> child_environment(
    const std::map<std::string, std::string>& configured);

class ChildProcess {
 public:
  static Result<std::unique_ptr<ChildProcess>> start(EventLoop& loop,
                                                     const std::shared_ptr<OrphanGuard>& guard,
                                                     const ChildOptions& options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  LineChannel& channel();  // stdin and stdout
  // Called once, later; also when it had ended before the handler was set.
  void on_exit(std::function<void(const ChildExit&)> handler);
  // Closes stdin, then SIGTERM, then SIGKILL to the whole group.
  void stop();
  void kill_now();
  bool running() const;
  pid_t pid() const;
  // The newest bytes of its standard error, as it wrote them: for operators, not for agents.
  const std::string& stderr_tail() const;

  struct State;

 private:
  explicit ChildProcess(std::shared_ptr<State> state) : state_(std::move(state)) {}
  const std::shared_ptr<State> state_;
};

}  // namespace pawl
