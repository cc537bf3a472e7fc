#include "execution/supervision/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "execution/supervision/child_exec.h"
#include "execution/supervision/child_launch.h"
#include "infrastructure/net/fd_watch.h"

namespace pawl {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr const char* kEndedEarly = "it was ended before its program ran";

// Readability of one descriptor as a function.
class Readable final : public FdEvents {
 public:
  Readable(EventLoop& loop, int fd, std::function<void()> ready)
      : ready_(std::move(ready)), watch_(loop, fd, *this) {
    watch_.want_read();
  }
  void again() { watch_.want_read(); }
  int fd() const { return watch_.fd(); }

 private:
  void on_readable() override {
    const std::function<void()> ready = ready_;  // it may destroy this
    ready();
  }
  void on_writable() override {}

  const std::function<void()> ready_;
  FdWatch watch_;
};

}  // namespace

struct ChildProcess::State : std::enable_shared_from_this<ChildProcess::State> {
  State(EventLoop& event_loop, const std::shared_ptr<OrphanGuard>& orphan_guard,
        const ChildOptions& options)
      : loop(event_loop),
        guard(orphan_guard),
        input_grace(options.input_grace),
        term_grace(options.term_grace),
        name(options.name),
        notes(options.stderr_file),
        tail_bytes(options.stderr_tail_bytes),
        forward(options.forward_stderr),
        watch(options.watch) {}

  ~State() { kill_now(); }

  void attach(Launched launched, const LineLimits& limits);
  void let_run();
  void run(const Status& allowed);
  void keep_errors(std::string_view bytes);
  void read_errors();
  void drain_errors();
  void ended();
  void tell_exit();
  void stop();
  void kill_now() {
    was_killed = was_killed || !exit;
    signal_group(SIGKILL);
  }
  void signal_group(int signal) {
    if (!exit && pid > 1 && ::kill(-pid, signal) != 0) {
      ::kill(pid, signal);  // so young that it has not made its group yet
    }
  }

  EventLoop& loop;
  const std::weak_ptr<OrphanGuard> guard;  // it holds us until the child is reaped
  const std::chrono::milliseconds input_grace;
  const std::chrono::milliseconds term_grace;
  const std::string name;
  const std::shared_ptr<StderrFile> notes;
  const std::size_t tail_bytes;
  const bool forward;
  const std::shared_ptr<ChildWatch> watch;
  std::string tail;  // of its standard error
  pid_t pid = -1;
  Descriptor report;
  Descriptor go;        // its program does not run yet
  std::string refused;  // why it never will
  std::unique_ptr<LineChannel> channel;
  std::unique_ptr<Readable> errors;  // null: its end was read
  std::unique_ptr<Readable> process;
  Timer patience;
  bool stopping = false;
  bool was_killed = false;
  std::optional<ChildExit> exit;
  std::function<void(const ChildExit&)> exit_handler;
};

void ChildProcess::State::attach(Launched launched, const LineLimits& limits) {
  pid = launched.pid;
  report = std::move(launched.report);
  go = std::move(launched.go);
  channel = make_line_channel(loop, launched.output.release(), launched.input.release(), limits);
  ::fcntl(launched.errors.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(report.get(), F_SETFL, O_NONBLOCK);
  errors = std::make_unique<Readable>(loop, launched.errors.release(), [this] { read_errors(); });
  process = std::make_unique<Readable>(loop, launched.process.release(), [this] { ended(); });
  if (const auto held = guard.lock()) {
    held->keep(pid, shared_from_this());
  }
}

void ChildProcess::State::let_run() {
  if (watch == nullptr) {
    run({});
    return;
  }
  watch->starting([weak = weak_from_this()](const Status& allowed) {
    if (const auto self = weak.lock()) {
      self->run(allowed);
    }
  });
}

void ChildProcess::State::run(const Status& allowed) {
  const Descriptor word = std::move(go);
  if (!allowed) {
    refused = allowed.error().message;
    kill_now();
  } else if (!exit && ::write(word.get(), "g", 1) != 1) {
    kill_now();  // it ended meanwhile, and has said why
  }
}

void ChildProcess::State::keep_errors(std::string_view bytes) {
  tail.append(bytes);
  if (tail.size() > tail_bytes) {
    tail.erase(0, tail.size() - tail_bytes);
  }
  if (notes != nullptr) {
    notes->add(bytes);
  }
  if (forward) {
    std::fwrite(bytes.data(), 1, bytes.size(), stderr);
  }
}

void ChildProcess::State::read_errors() {
  char bytes[kReadBytes];
  const ssize_t got = ::read(errors->fd(), bytes, sizeof bytes);
  if (got > 0) {
    keep_errors({bytes, static_cast<std::size_t>(got)});
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    errors.reset();
    return;
  }
  errors->again();
}

// What a dead child had written is still in the pipe: one pipe's worth at most.
void ChildProcess::State::drain_errors() {
  char bytes[kReadBytes];
  for (int round = 0; errors != nullptr && round < 8; ++round) {
    const ssize_t got = ::read(errors->fd(), bytes, sizeof bytes);
    if (got <= 0) {
      break;
    }
    keep_errors({bytes, static_cast<std::size_t>(got)});
  }
  errors.reset();
}

void ChildProcess::State::ended() {
  const std::shared_ptr<State> self = shared_from_this();
  // The leader is still a zombie, so its number is no one else's: what is left of the group goes
  // first, then the guard forgets it, then it is reaped.
  ::kill(-pid, SIGKILL);
  if (const auto held = guard.lock()) {
    held->forget(pid);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  ChildExit result;
  if (WIFEXITED(status)) {
    result.status = WEXITSTATUS(status);
  } else if (WIFSIGNALED(status)) {
    result.signal = WTERMSIG(status);
  }
  ExecFailure failure;
  if (::read(report.get(), &failure, sizeof failure) == static_cast<ssize_t>(sizeof failure)) {
    result.status = -1;
    result.problem = std::string("can't ") + exec_stage_name(failure.stage) + ": " +
                     std::strerror(failure.problem);
  }
  if (!refused.empty() || (go.get() >= 0 && result.problem.empty())) {
    result = {.status = -1, .signal = 0, .problem = refused.empty() ? kEndedEarly : refused};
  }
  result.was_asked = stopping;
  result.was_killed = was_killed && result.signal == SIGKILL;
  report = Descriptor();
  go = Descriptor();
  process.reset();
  patience.cancel();
  drain_errors();
  exit = std::move(result);
  if (!name.empty()) {
    log(LogLevel::kInfo, "server_process_ended", {{"server", name}, {"how", exit->text()}});
  }
  if (watch != nullptr) {
    watch->ended(*exit);
  }
  tell_exit();
}

void ChildProcess::State::tell_exit() {
  if (exit && exit_handler) {
    loop.post([state = shared_from_this()] {
      if (auto handler = std::exchange(state->exit_handler, nullptr)) {
        handler(*state->exit);
      }
    });
  }
}

void ChildProcess::State::stop() {
  if (std::exchange(stopping, true) || exit) {
    return;
  }
  if (channel != nullptr) {
    channel->close_sending();
  }
  patience = loop.after(input_grace, [this] {
    signal_group(SIGTERM);
    patience = loop.after(term_grace, [this] { kill_now(); });
  });
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(EventLoop& loop,
                                                          const std::shared_ptr<OrphanGuard>& guard,
                                                          const ChildOptions& options) {
  Result<Launched> launched = launch_child(options, *guard);
  if (!launched) {
    return fail(launched.error());
  }
  auto state = std::make_shared<State>(loop, guard, options);
  state->attach(std::move(*launched), options.lines);
  state->let_run();
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(state)));
}

ChildProcess::~ChildProcess() {
  state_->exit_handler = nullptr;
  if (!state_->stopping) {
    state_->kill_now();
  }
  // After stop() the channel stays until the child is reaped: lines under way still go out.
  if (!state_->stopping || state_->exit) {
    state_->channel.reset();
    return;
  }
  state_->channel->on_closed(nullptr);
  state_->channel->on_line([](const std::string&) {});
}

LineChannel& ChildProcess::channel() {
  return *state_->channel;
}

void ChildProcess::on_exit(std::function<void(const ChildExit&)> handler) {
  state_->exit_handler = std::move(handler);
  state_->tell_exit();
}

void ChildProcess::stop() {
  state_->stop();
}

void ChildProcess::kill_now() {
  state_->kill_now();
}

bool ChildProcess::running() const {
  return !state_->exit;
}

pid_t ChildProcess::pid() const {
  return state_->pid;
}

const std::string& ChildProcess::stderr_tail() const {
  return state_->tail;
}

std::string ChildExit::text() const {
  if (!problem.empty()) {
    return problem;
  }
  return signal != 0 ? "signal " + std::to_string(signal) : "exit status " + std::to_string(status);
}

}  // namespace pawl
