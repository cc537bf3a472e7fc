#include "infrastructure/net/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/assert.h"

namespace pawl {
namespace {

std::atomic<int> write_end{-1};

void note_signal(int signal) {
  const int kept = errno;
  const auto number = static_cast<unsigned char>(signal);
  [[maybe_unused]] const ssize_t written = ::write(write_end.load(), &number, 1);
  errno = kept;
}

}  // namespace

Signals::Signals() {
  PAWL_CHECK(::pipe2(pipe_, O_CLOEXEC | O_NONBLOCK) == 0, "no pipe for signals");
  int none = -1;
  PAWL_CHECK(write_end.compare_exchange_strong(none, pipe_[1]), "signals are caught once");
}

Signals::~Signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (caught_[signal]) {
      std::signal(signal, SIG_DFL);
    }
  }
  write_end = -1;
  ::close(pipe_[0]);
  ::close(pipe_[1]);
}

void Signals::catch_signal(int signal) {
  caught_[signal] = true;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  PAWL_CHECK(::sigaction(signal, &action, nullptr) == 0, "a signal that cannot be caught");
}

std::optional<int> Signals::next() {
  unsigned char number = 0;
  return ::read(pipe_[0], &number, 1) == 1 ? std::optional<int>(number) : std::nullopt;
}

}  // namespace pawl
