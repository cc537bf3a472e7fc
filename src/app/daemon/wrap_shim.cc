#include "app/daemon/wrap_shim.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

#include "app/daemon/daemon_starter.h"
#include "app/daemon/wrap_protocol.h"
#include "base/encoding.h"
#include "execution/supervision/child_process.h"
#include "infrastructure/net/unix_line.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAhead = 1 << 20;       // bytes queued on one side before the other waits
constexpr std::chrono::seconds kEndPatience{1};  // for the daemon to take note of the end

// Lines from one channel to another, no faster than the receiver takes them.
void pump(LineChannel& from, LineChannel& to) {
  from.on_line([&from, &to](std::string line) {
    to.send(std::move(line), nullptr, [&from](LineFate) { from.resume(); });
    if (to.queued_bytes() > kMaxAhead) {
      from.pause();
    }
  });
}

class Shim {
 public:
  Shim(Files& files, Random& random, const WrapOptions& options)
      : files_(files), random_(random), options_(options) {}

  Result<int> run() {
    if (Status daemon = ensure_daemon(files_, options_.folder, options_.start_daemon); !daemon) {
      return fail(daemon.error());
    }
    WrapHello hello{WrapRole::kClient, base64url_encode(random_.bytes(32)), options_.name,
                    options_.agent};
    Result<std::unique_ptr<LineChannel>> client = greet(hello);
    if (!client) {
      return fail(client.error());
    }
    client_ = *std::move(client);
    hello.role = WrapRole::kServer;
    hello.command = command_facts(options_.command);
    Result<std::unique_ptr<LineChannel>> server = greet(hello);
    if (!server) {
      return fail(server.error());
    }
    server_ = *std::move(server);
    pair_ = hello.pair;
    if (Status started = start_command(); !started) {
      return fail(started.error());
    }
    connect_all();
    loop_.run();
    return end_;
  }

 private:
  Result<std::unique_ptr<LineChannel>> greet(const WrapHello& hello) {
    Result<std::unique_ptr<LineChannel>> channel =
        unix_connect(loop_, options_.folder.wrap_socket(), LineLimits{});
    if (!channel) {
      return channel;
    }
    Status answer = fail(Code::kUpstreamFailed, "the daemon closed the wrap socket");
    (*channel)->on_closed([this](const Error&) { loop_.stop(); });
    (*channel)->on_line([&](const std::string& line) {
      answer = parse_hello_answer(line);
      (*channel)->pause();
      loop_.stop();
    });
    (*channel)->send(print_hello(hello), nullptr, {});
    loop_.run();
    return answer ? std::move(channel) : Result<std::unique_ptr<LineChannel>>(fail(answer.error()));
  }

  Status start_command() {
    Result<std::shared_ptr<OrphanGuard>> guard = OrphanGuard::start();
    if (!guard) {
      return fail(guard.error());
    }
    ChildOptions child;
    child.command = options_.command;
    child.env = options_.environment;
    child.forward_stderr = true;
    guard_ = *std::move(guard);
    Result<std::unique_ptr<ChildProcess>> started = ChildProcess::start(loop_, guard_, child);
    if (!started) {
      return fail(started.error());
    }
    child_ = *std::move(started);
    return {};
  }

  void connect_all() {
    terminal_ = make_line_channel(loop_, STDIN_FILENO, STDOUT_FILENO, LineLimits{});
    child_->on_exit([this](const ChildExit& exit) { command_ended(exit); });
    const auto daemon_gone = [this](const Error& error) {
      finish(fail(Code::kUpstreamFailed, "the daemon is gone (" + error.message +
                                             "); the server was ended, nothing goes round it"));
    };
    client_->on_closed(daemon_gone);
    server_->on_closed(daemon_gone);
    terminal_->on_closed([this](const Error&) { client_left(); });
    pump(*client_, *terminal_);
    pump(*terminal_, *client_);
    pump(child_->channel(), *server_);
    pump(*server_, child_->channel());
    client_->resume();
    server_->resume();
  }

  void client_left() {
    leaving_ = true;
    child_->stop();
  }

  void command_ended(const ChildExit& exit) {
    tell_end(process_end(exit), [this, exit] { leave(exit); });
  }

  // On a connection of its own, on which the command cannot write.
  void tell_end(const ProcessEnd& end, std::function<void()> then) {
    Result<std::unique_ptr<LineChannel>> channel =
        unix_connect(loop_, options_.folder.wrap_socket(), LineLimits{});
    if (!channel) {
      then();
      return;
    }
    ending_ = *std::move(channel);
    const auto once = [this, then = std::move(then)] {
      if (!std::exchange(is_told_, true)) {
        then();
      }
    };
    ending_->on_closed([once](const Error&) { once(); });
    ending_->on_line([once](const std::string&) { once(); });
    patience_ = loop_.after(kEndPatience, once);
    ending_->send(print_hello({WrapRole::kEnded, pair_, options_.name, options_.agent, {}, end}),
                  nullptr, {});
  }

  void leave(const ChildExit& exit) {
    if (leaving_) {
      finish(exit.status >= 0 ? exit.status : 0);
    } else if (!exit.problem.empty()) {
      finish(fail(Code::kUpstreamFailed, exit.problem));
    } else {
      finish(fail(Code::kUpstreamFailed, "the server ended: " + exit.text()));
    }
  }

  void finish(Result<int> end) {
    end_ = std::move(end);
    child_->kill_now();
    loop_.stop();
  }

  Files& files_;
  Random& random_;
  const WrapOptions& options_;
  EventLoop loop_;
  std::string pair_;
  std::unique_ptr<LineChannel> client_, server_, terminal_, ending_;
  std::shared_ptr<OrphanGuard> guard_;  // when it goes, the command goes
  std::unique_ptr<ChildProcess> child_;
  Timer patience_;
  bool leaving_ = false;
  bool is_told_ = false;  // to the daemon: how the command ended
  Result<int> end_ = 0;
};

}  // namespace

Result<int> run_wrap(Files& files, Random& random, const WrapOptions& options) {
  return Shim(files, random, options).run();
}

}  // namespace pawl
