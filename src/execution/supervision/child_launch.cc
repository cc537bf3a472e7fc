#include "execution/supervision/child_launch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "execution/supervision/child_exec.h"

extern char** environ;

namespace pawl {

namespace {

constexpr std::array<std::string_view, 7> kInherited = {"PATH",   "HOME", "LANG",   "TZ",
                                                        "TMPDIR", "USER", "LOGNAME"};
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

tl::unexpected<Error> no_resource(const char* what) {
  return fail(Code::kIo, std::string(what) + " for a local server: " + std::strerror(errno));
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Above what the child's dup2 calls overwrite.
Descriptor free_of_standard(int fd) {
  Descriptor low(fd);
  return fd >= kFirstFree ? std::move(low) : Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFree));
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return no_resource("no pipe");
  }
  Pipe made{free_of_standard(ends[0]), free_of_standard(ends[1])};
  if (made.read.get() < 0 || made.write.get() < 0) {
    return no_resource("no pipe");
  }
  return made;
}

bool is_program(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

// The file to execute. A path with '/' is taken as it is, relative to the child's directory.
Result<std::string> find_program(const std::string& name, std::string_view search) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  while (!search.empty()) {
    const std::size_t colon = std::min(search.find(':'), search.size());
    const std::string_view folder = search.substr(0, colon);
    search.remove_prefix(std::min(colon + 1, search.size()));
    if (folder.empty() || folder.front() != '/') {
      continue;  // never a program out of whatever directory is current
    }
    std::string path = std::string(folder) + "/" + name;
    if (is_program(path)) {
      return path;
    }
  }
  return fail(Code::kNotFound, "no program \"" + name + "\" in PATH");
}

Status check_text(const ChildOptions& options) {
  if (options.command.empty() || options.command.front().empty()) {
    return fail(Code::kInvalidParams, "an empty command: expected a list of words, program first");
  }
  for (const std::string& word : options.command) {
    if (word.find('\0') != std::string::npos) {
      return fail(Code::kInvalidParams, "a word of the command holds a zero byte");
    }
  }
  for (const auto& [name, value] : options.env) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
        value.find('\0') != std::string::npos) {
      return fail(Code::kInvalidParams, "environment variable \"" + name + "\" can't be set");
    }
  }
  return {};
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (std::string& word : words) {
    list.push_back(word.data());
  }
  list.push_back(nullptr);
  return list;
}

// No handler of ours may run in the child before it has set them back.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

pid_t fork_child(const ExecPlan& plan) {
  const BlockedSignals blocked;
  const pid_t pid = ::fork();
  if (pid == 0) {
    exec_child(plan);
  }
  return pid;
}

tl::unexpected<Error> give_up(pid_t pid, OrphanGuard& guard, Error error) {
  guard.forget(pid);
  ::kill(pid, SIGKILL);  // it still waits for its word to go
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return fail(std::move(error));
}

}  // namespace

std::map<std::string, std::string> child_environment(
    const std::map<std::string, std::string>& configured) {
  std::map<std::string, std::string> out = configured;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool inherited =
        name.starts_with("LC_") ||
        std::find(kInherited.begin(), kInherited.end(), name) != kInherited.end();
    if (inherited && name.size() < text.size()) {
      out.try_emplace(std::string(name), text.substr(name.size() + 1));
    }
  }
  out.try_emplace("PATH", kDefaultPath);
  return out;
}

Result<Launched> launch_child(const ChildOptions& options, OrphanGuard& guard) {
  if (Status checked = check_text(options); !checked) {
    return fail(checked.error());
  }
  const std::map<std::string, std::string> environment = child_environment(options.env);
  const Result<std::string> program = find_program(options.command.front(), environment.at("PATH"));
  if (!program) {
    return fail(program.error());
  }
  std::vector<std::string> argv = options.command;
  std::vector<std::string> env;
  env.reserve(environment.size());
  for (const auto& [name, value] : environment) {
    env.emplace_back(name).append("=").append(value);
  }
  const std::vector<char*> argv_list = pointers(argv);
  const std::vector<char*> env_list = pointers(env);
  std::array<Pipe, 5> pipes;
  for (Pipe& pipe : pipes) {
    Result<Pipe> made = make_pipe();
    if (!made) {
      return fail(made.error());
    }
    pipe = std::move(*made);
  }
  auto& [input, output, errors, go, report] = pipes;
  ExecPlan plan{.path = program->c_str(),
                .argv = argv_list.data(),
                .envp = env_list.data(),
                .directory = options.directory.empty() ? nullptr : options.directory.c_str(),
                .input = input.read.get(),
                .output = output.write.get(),
                .errors = errors.write.get(),
                .go = go.read.get(),
                .report = report.write.get(),
                .open_files = options.open_files,
                .address_space = options.address_space,
                .has_user = options.user.has_value(),
                .parent = ::getpid()};
  if (options.user) {
    plan.user = options.user->user;
    plan.group = options.user->group;
  }
  Launched launched;
  launched.pid = fork_child(plan);
  if (launched.pid < 0) {
    return no_resource("no process");
  }
  if (Status watched = guard.watch(launched.pid); !watched) {
    return give_up(launched.pid, guard, watched.error());
  }
  launched.process = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, launched.pid, 0)));
  if (launched.process.get() < 0) {
    return give_up(launched.pid, guard,
                   {Code::kIo, "the process of a local server can't be watched"});
  }
  launched.input = std::move(input.write);
  launched.output = std::move(output.read);
  launched.errors = std::move(errors.read);
  launched.report = std::move(report.read);
  launched.go = std::move(go.write);
  return launched;
}

}  // namespace pawl
