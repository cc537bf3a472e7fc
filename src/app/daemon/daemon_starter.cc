#include "app/daemon/daemon_starter.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/clock.h"

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
Status start_detached(const std::vector<std::string>& argv, const std::string& log) {
  std::vector<char*> words;
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) {
    return fail(Code::kIo, std::string("fork: ") + std::strerror(errno));
  }
  if (child == 0) {
    setsid();
    if (fork() != 0) {
      _exit(0);
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
  return {};
}

}  // namespace

Status ensure_daemon(Files& files, const DataFolder& folder, const std::vector<std::string>& argv) {
  const std::string log = folder.run() + "/daemon.log";
  std::unique_ptr<FileLock> starter;
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
        if (Status started = start_detached(argv, log); !started) {
          return started;
        }
      }
    }
    poll(nullptr, 0, kPauseMs);
  }
  return {};
}

}  // namespace pawl
