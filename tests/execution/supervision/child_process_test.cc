#include "execution/supervision/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace pawl {
namespace {

using std::chrono::milliseconds;

// A program, its lines and its end.
class ChildProcessTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> start(const ChildOptions& options) {
    Result<std::unique_ptr<ChildProcess>> child = ChildProcess::start(loop_, guard_, options);
    EXPECT_TRUE(child.has_value()) << child.error().message;
    if (!child) {
      return nullptr;
    }
    (*child)->channel().on_line([this](std::string line) {
      lines_.push_back(std::move(line));
      if (until_lines_ > 0 && lines_.size() >= until_lines_) {
        loop_.stop();
      }
    });
    (*child)->on_exit([this](const ChildExit& exit) {
      exit_ = exit;
      loop_.stop();
    });
    return std::move(*child);
  }
  std::unique_ptr<ChildProcess> shell(const std::string& script, ChildOptions options = {}) {
    options.command = {"sh", "-c", script};
    return start(options);
  }
  void run() {
    const Timer late = loop_.after(milliseconds(20'000), [this] {
      ADD_FAILURE() << "nothing happened";
      loop_.stop();
    });
    loop_.run();
  }
  void run_until_lines(std::size_t count) {
    until_lines_ = count;
    run();
    until_lines_ = 0;
  }

  EventLoop loop_;
  std::shared_ptr<OrphanGuard> guard_ = *OrphanGuard::start();
  std::vector<std::string> lines_;
  std::size_t until_lines_ = 0;
  std::optional<ChildExit> exit_;
};

TEST_F(ChildProcessTest, SpeaksLinesBothWaysAndEndsWhenItsInputDoes) {
  auto child = shell("while read line; do echo \"got $line\"; done; exit 3");
  child->channel().send("one", nullptr, {});
  child->channel().send("two", nullptr, {});
  child->channel().close_sending();
  run();
  EXPECT_EQ(lines_, (std::vector<std::string>{"got one", "got two"}));
  ASSERT_TRUE(exit_.has_value());
  EXPECT_EQ(exit_->text(), "exit status 3");
  EXPECT_EQ(::waitpid(child->pid(), nullptr, WNOHANG), -1) << "it was reaped";
}

TEST_F(ChildProcessTest, RefusesWhatCannotBeStarted) {
  struct Case {
    const char* name;
    ChildOptions options;
    Code code;
  };
  const Case cases[] = {
      {"no command", {}, Code::kInvalidParams},
      {"no program", {.command = {"pawl-no-such-program"}}, Code::kNotFound},
      {"zero byte", {.command = {"sh", std::string("a\0b", 3)}}, Code::kInvalidParams},
      {"bad name", {.command = {"sh"}, .env = {{"A=B", "c"}}}, Code::kInvalidParams},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto child = ChildProcess::start(loop_, guard_, c.options);
    ASSERT_FALSE(child.has_value());
    EXPECT_EQ(child.error().code, c.code);
  }
}

TEST_F(ChildProcessTest, TellsWhyAProgramNeverRan) {
  struct Case {
    const char* name;
    ChildOptions options;
    const char* problem;
  };
  const Case cases[] = {
      {"missing file", {.command = {"./missing"}}, "can't run the program: No such file"},
      {"a folder", {.command = {"/tmp/"}}, "can't run the program: Permission denied"},
      {"no such directory",
       {.command = {"sh"}, .directory = "/no/such/folder"},
       "can't change to its working directory: No such file"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    exit_.reset();
    const auto child = start(c.options);
    run();
    ASSERT_TRUE(exit_.has_value());
    EXPECT_NE(exit_->text().find(c.problem), std::string::npos) << exit_->text();
  }
}

TEST_F(ChildProcessTest, GivesItALeanEnvironmentNoPrivilegesAndNoDescriptors) {
  ::setenv("PAWL_TEST_SECRET", "hunter2", 1);
  ::setenv("NODE_OPTIONS", "--inspect", 1);
  const auto child = shell(
      "echo \"${PAWL_TEST_SECRET:-none} ${NODE_OPTIONS:-none} $GIVEN ${PATH:+path}\";"
      "grep -c 'NoNewPrivs:.*1' /proc/self/status; ulimit -c; ulimit -n;"
      "ls /proc/self/fd | tr '\\n' ' '; echo; ps -o sid= -p $$ | tr -d ' '; echo $$",
      {.env = {{"GIVEN", "yes"}}, .open_files = 77});
  run();
  ::unsetenv("PAWL_TEST_SECRET");
  ::unsetenv("NODE_OPTIONS");
  ASSERT_EQ(lines_.size(), 7u);
  EXPECT_EQ(lines_[0], "none none yes path");
  EXPECT_EQ(lines_[1], "1");
  EXPECT_EQ(lines_[2], "0");
  EXPECT_EQ(lines_[3], "77");
  EXPECT_EQ(lines_[4], "0 1 2 3 ") << "3 is the folder that ls reads";
  EXPECT_EQ(lines_[5], lines_[6]) << "a session of its own";
}

TEST_F(ChildProcessTest, SetsIgnoredSignalsBack) {
  const auto child = shell("sed -n 's/SigIgn:[[:space:]]*//p' /proc/self/status");
  run();
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(lines_[0], "0000000000000000") << "the loop ignores SIGPIPE, a child must not";
}

TEST_F(ChildProcessTest, KeepsTheNewestOfItsStandardErrorInTwoBoundedFiles) {
  char folder[] = "/tmp/pawl-stderr-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/stderr.log";
  const auto child = shell("i=0; while [ $i -lt 400 ]; do echo \"noise $i\" >&2; i=$((i+1)); done",
                           {.stderr_file = std::make_shared<StderrFile>(system_files(), path, 1000),
                            .stderr_tail_bytes = 64});
  run();
  EXPECT_LE(child->stderr_tail().size(), 64u);
  EXPECT_NE(child->stderr_tail().find("noise 399\n"), std::string::npos);
  std::uint64_t kept = 0;
  for (const std::string& name : {path, path + ".1"}) {
    std::ifstream file(name, std::ios::binary | std::ios::ate);
    ASSERT_TRUE(file.good()) << name;
    EXPECT_LE(file.tellg(), 1000);
    kept += static_cast<std::uint64_t>(file.tellg());
    ::unlink(name.c_str());
  }
  EXPECT_GE(kept, 1000u);
  ::rmdir(folder);
}

TEST_F(ChildProcessTest, EndsInOrderThenByForce) {
  struct Case {
    const char* name;
    const char* script;
    const char* end;
  };
  const Case cases[] = {
      {"at the end of its input", "echo up; read line; exit 5", "exit status 5"},
      {"at SIGTERM", "trap 'exit 6' TERM; echo up; while :; do sleep 0.01; done", "exit status 6"},
      {"at SIGKILL", "trap '' TERM; echo up; while :; do sleep 0.01; done", "signal 9"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    exit_.reset();
    lines_.clear();
    const auto child =
        shell(c.script, {.input_grace = milliseconds(100), .term_grace = milliseconds(300)});
    run_until_lines(1);
    child->stop();
    run();
    ASSERT_TRUE(exit_.has_value());
    EXPECT_EQ(exit_->text(), c.end);
    EXPECT_FALSE(child->running());
  }
}

TEST_F(ChildProcessTest, AKillRightAfterTheStartIsNotLost) {
  for (int i = 0; i < 20; ++i) {
    exit_.reset();
    const auto child = shell("sleep 1000");
    child->kill_now();  // its group may not exist yet
    run();
    ASSERT_TRUE(exit_.has_value());
    EXPECT_EQ(exit_->signal, SIGKILL);
  }
}

bool alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << stat.rdbuf();
  const std::string line = text.str();
  const std::size_t close = line.rfind(')');
  return close != std::string::npos && line.compare(close, 3, ") Z") != 0;
}

bool ends_soon(pid_t pid) {
  for (int i = 0; i < 2000 && alive(pid); ++i) {
    ::usleep(5000);  // another process's end has no other signal
  }
  return !alive(pid);
}

TEST_F(ChildProcessTest, TakesItsWholeGroupWithIt) {
  struct Case {
    const char* name;
    bool leader_ends;
  };
  for (const Case& c : {Case{"the leader ends", true}, Case{"the owner drops it", false}}) {
    SCOPED_TRACE(c.name);
    lines_.clear();
    auto child = shell(c.leader_ends ? "sleep 1000 & echo $!; read line"
                                     : "sh -c 'sleep 1000 & echo $!; wait' & wait");
    run_until_lines(1);
    ASSERT_EQ(lines_.size(), 1u);
    const pid_t grandchild = std::stoi(lines_[0]);
    EXPECT_TRUE(alive(grandchild));
    if (c.leader_ends) {
      child->channel().close_sending();
      run();
    } else {
      child.reset();
    }
    EXPECT_TRUE(ends_soon(grandchild));
  }
}

// A process that starts a server with a grandchild, tells both numbers, and waits to be killed.
[[noreturn]] void be_a_daemon(int report) {
  EventLoop loop;
  const auto guard = *OrphanGuard::start();
  auto child = ChildProcess::start(
      loop, guard,
      {.command = {"sh", "-c", "sh -c 'trap \"\" HUP TERM; echo $$; sleep 1000' & wait"}});
  if (!child) {
    ::_exit(1);
  }
  (*child)->channel().on_line([&](const std::string& line) {
    const pid_t pids[2] = {(*child)->pid(), std::stoi(line)};
    [[maybe_unused]] const ssize_t ignored = ::write(report, pids, sizeof pids);
  });
  loop.run();
  ::_exit(0);
}

TEST(OrphanTest, NothingOutlivesAKillOfTheDaemon) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    be_a_daemon(ends[1]);
  }
  ::close(ends[1]);
  pid_t pids[2] = {0, 0};
  ASSERT_EQ(::read(ends[0], pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
  ::close(ends[0]);
  EXPECT_TRUE(alive(pids[0]));
  EXPECT_TRUE(alive(pids[1]));
  ASSERT_EQ(::kill(daemon, SIGKILL), 0);
  ASSERT_EQ(::waitpid(daemon, nullptr, 0), daemon);
  EXPECT_TRUE(ends_soon(pids[0])) << "the child";
  EXPECT_TRUE(ends_soon(pids[1])) << "its own child, which ignores signals it can ignore";
}

TEST_F(ChildProcessTest, AnotherGuardTakesOverWhenOneWasKilled) {
  auto first = shell("sleep 1000");
  const pid_t guard = guard_->pid();
  ASSERT_EQ(::kill(guard, SIGKILL), 0);
  ASSERT_TRUE(ends_soon(guard));
  auto second = shell("sleep 1000");
  EXPECT_NE(guard_->pid(), guard);
  EXPECT_TRUE(alive(guard_->pid()));
  EXPECT_TRUE(alive(first->pid()));
  for (auto* child : {&first, &second}) {
    (*child)->kill_now();
    run();
    EXPECT_FALSE((*child)->running());
    EXPECT_EQ(exit_->text(), "signal 9");
  }
}

TEST(OrphanGuardTest, EndsWhatItStillWatchesWhenItIsDestroyed) {
  const pid_t group = ::fork();
  if (group == 0) {
    ::setsid();
    ::pause();
    ::_exit(0);
  }
  auto guard = *OrphanGuard::start();
  ASSERT_TRUE(guard->watch(group).has_value());
  EXPECT_FALSE(guard->watch(1).has_value()) << "never everyone";
  while (::getsid(group) != group) {
    ::usleep(1000);
  }
  guard.reset();
  int status = 0;
  ASSERT_EQ(::waitpid(group, &status, 0), group);
  EXPECT_TRUE(WIFSIGNALED(status));
}

}  // namespace
}  // namespace pawl
