#include "app/daemon/daemon_starter.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "execution/supervision/child_launch.h"

namespace pawl {
namespace {

constexpr int kPauseMs = 20;

bool listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return false;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return connected;
}

// Starts `argv` in a session of its own, its output in `log`; the grandchild is nobody's child.
// Readable once it has ended; without a descriptor where the kernel has none to give.
Result<Descriptor> start_detached(const std::vector<std::string>& argv, const std::string& log) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return fail(Code::kIo, std::string("pipe: ") + std::strerror(errno));
  }
  const Descriptor told(ends[0]);
  Descriptor tells(ends[1]);
  const pid_t child = fork();
  if (child < 0) {
    return fail(Code::kIo, std::string("fork: ") + std::strerror(errno));
  }
  if (child == 0) {
    setsid();
    if (const pid_t daemon = fork(); daemon != 0) {
      _exit(write(tells.get(), &daemon, sizeof daemon) == sizeof daemon ? 0 : 1);
    }
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) {
      _exit(127);
    }
    execvp(words[0], words.data());
    _exit(127);
  }
  waitpid(child, nullptr, 0);
  tells = Descriptor();
  pid_t daemon = 0;
  const bool known = read(told.get(), &daemon, sizeof daemon) == sizeof daemon && daemon > 0;
  return Descriptor(known ? static_cast<int>(syscall(SYS_pidfd_open, daemon, 0)) : -1);
}

bool has_ended(const Descriptor& daemon, int wait_ms) {
  pollfd look{daemon.get(), POLLIN, 0};  // a negative descriptor is passed over
  return poll(&look, 1, wait_ms) == 1;
}

// What it said last of itself: a line "pawl: ..." of its log.
std::string last_words(Files& files, const std::string& log) {
  constexpr std::uint64_t kTail = 4096;
  const Result<std::unique_ptr<File>> file = files.open(log, OpenMode::kRead);
  const Result<std::uint64_t> size = file ? (*file)->size() : fail(file.error());
  const Result<std::string> tail =
      size ? (*file)->read_at(*size - std::min(*size, kTail), kTail) : fail(size.error());
  const std::size_t begin = tail ? tail->rfind("pawl: ") : std::string::npos;
  if (begin == std::string::npos || (begin > 0 && (*tail)[begin - 1] != '\n')) {
    return "";
  }
  return tail->substr(begin + 6, tail->find('\n', begin) - begin - 6);
}

tl::unexpected<Error> ended_at_its_start(Files& files, const std::string& log) {
  const std::string why = last_words(files, log);
  return fail(Code::kUpstreamUnavailable,
              "the daemon ended at its start" + (why.empty() ? "" : ": " + why) + "; see " + log);
}

}  // namespace

Status ensure_daemon(Files& files, const DataFolder& folder, const std::vector<std::string>& argv) {
  const std::string log = folder.run() + "/daemon.log";
  std::unique_ptr<FileLock> starter;
  Descriptor started;
  const std::int64_t give_up_at =
      system_clock().boot().us +
      std::chrono::duration_cast<std::chrono::microseconds>(kStartPatience).count();
  while (!listens(folder.wrap_socket())) {
    if (argv.empty()) {
      return fail(Code::kUpstreamUnavailable, "no daemon runs on " + folder.root);
    }
    if (system_clock().boot().us > give_up_at) {
      return fail(Code::kUpstreamUnavailable, "the daemon did not come up; see " + log);
    }
    if (starter == nullptr) {
      for (const std::string& path : {folder.root, folder.run()}) {
        if (Status made = files.make_directory(path); !made) {
          return made;
        }
      }
      Result<std::unique_ptr<FileLock>> lock =
          files.lock(folder.run() + "/start.lock", "pawl wrap");
      // Whoever held the lock before may have started it meanwhile.
      if (lock && !listens(folder.wrap_socket())) {
        starter = *std::move(lock);
        Result<Descriptor> daemon = start_detached(argv, log);
        if (!daemon) {
          return fail(daemon.error());
        }
        started = *std::move(daemon);
      }
    }
    if (has_ended(started, kPauseMs) && !listens(folder.wrap_socket())) {
      return ended_at_its_start(files, log);
    }
  }
  return {};
}

}  // namespace pawl
