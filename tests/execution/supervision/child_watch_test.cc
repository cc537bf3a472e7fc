// Who keeps account of a process lets its program run, and is told how it ended.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "execution/supervision/child_process.h"

namespace pawl {
namespace {

using std::chrono::milliseconds;

class ChildWatchTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> shell(const std::string& script, ChildOptions options = {}) {
    options.command = {"sh", "-c", script};
    Result<std::unique_ptr<ChildProcess>> child = ChildProcess::start(loop_, guard_, options);
    EXPECT_TRUE(child.has_value()) << child.error().message;
    if (!child) {
      return nullptr;
    }
    (*child)->channel().on_line([this](std::string line) { lines_.push_back(std::move(line)); });
    (*child)->on_exit([this](const ChildExit& exit) {
      exit_ = exit;
      loop_.stop();
    });
    return *std::move(child);
  }
  void run() {
    const Timer late = loop_.after(milliseconds(20'000), [this] {
      ADD_FAILURE() << "nothing happened";
      loop_.stop();
    });
    loop_.run();
  }

  EventLoop loop_;
  std::shared_ptr<OrphanGuard> guard_ = *OrphanGuard::start();
  std::vector<std::string> lines_;
  std::optional<ChildExit> exit_;
};

// Keeps account of one process, and lets it run when told.
struct Account final : ChildWatch {
  void starting(std::function<void(Status)> let) override { go = std::move(let); }
  void ended(const ChildExit& exit) override { exits.push_back(exit); }
  std::function<void(Status)> go;
  std::vector<ChildExit> exits;
};

TEST_F(ChildWatchTest, ItsProgramDoesNotRunBeforeItIsLetTo) {
  const auto account = std::make_shared<Account>();
  auto child = shell("read line; echo \"ran $line\"", {.watch = account});
  ASSERT_TRUE(account->go);
  child->channel().send("early", nullptr, {});
  // What it runs it would tell another process that begins after it.
  exit_.reset();
  auto other = shell("exit 0");
  run();
  EXPECT_TRUE(child->running());
  EXPECT_TRUE(lines_.empty());
  std::string program;
  std::getline(std::ifstream("/proc/" + std::to_string(child->pid()) + "/comm"), program);
  EXPECT_NE(program, "sh") << "it is still this program";
  account->go({});
  run();
  EXPECT_EQ(lines_, std::vector<std::string>{"ran early"}) << "what was sent meanwhile is there";
  ASSERT_EQ(account->exits.size(), 1u);
  EXPECT_EQ(account->exits[0].text(), "exit status 0");
  EXPECT_FALSE(account->exits[0].was_asked || account->exits[0].was_killed);
}

TEST_F(ChildWatchTest, WhoIsNotLetRunNeverDoes) {
  const auto account = std::make_shared<Account>();
  auto child = shell("echo ran", {.watch = account});
  account->go(fail(Code::kEvidenceUnavailable, "no room"));
  run();
  EXPECT_TRUE(lines_.empty());
  ASSERT_TRUE(exit_);
  EXPECT_EQ(exit_->text(), "no room");
  ASSERT_EQ(account->exits.size(), 1u);
  EXPECT_EQ(account->exits[0].problem, "no room");
}

TEST_F(ChildWatchTest, WhoIsEndedWhileItWaitsNeverRan) {
  const auto account = std::make_shared<Account>();
  auto child = shell("echo ran", {.watch = account});
  child->kill_now();
  run();
  ASSERT_EQ(account->exits.size(), 1u);
  EXPECT_EQ(account->exits[0].problem, "it was ended before its program ran");
  account->go({});  // too late, and no harm
  EXPECT_TRUE(lines_.empty());
}

TEST_F(ChildWatchTest, HoldsNoDescriptorOfOursWhileItWaits) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto account = std::make_shared<Account>();
  auto child = shell("exit 0", {.watch = account});
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "the last writer of the pipe is gone";
  ::close(ends[0]);
}

TEST_F(ChildWatchTest, TheAccountSaysHowItEndedWhoeverHoldsIt) {
  struct Case {
    const char* name;
    const char* script;
    std::function<void(std::unique_ptr<ChildProcess>&)> end;
    const char* text;
    bool was_asked, was_killed;
  };
  const Case cases[] = {
      {"by itself", "exit 4", [](auto&) {}, "exit status 4", false, false},
      {"by a signal of another", "kill -TERM $$", [](auto&) {}, "signal 15", false, false},
      {"asked", "while read line; do :; done", [](auto& child) { child->stop(); }, "exit status 0",
       true, false},
      {"asked, and let go", "while read line; do :; done",
       [](auto& child) {
         child->stop();
         child.reset();
       },
       "exit status 0", true, false},
      {"killed", "sleep 60", [](auto& child) { child->kill_now(); }, "signal 9", false, true},
      {"let go", "sleep 60", [](auto& child) { child.reset(); }, "signal 9", false, true},
      {"asked in vain", "trap '' TERM; while :; do read line || sleep 1; done",
       [](auto& child) { child->stop(); }, "signal 9", true, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    struct Ended final : ChildWatch {
      explicit Ended(EventLoop& of) : loop(of) {}
      void starting(std::function<void(Status)> let) override { let({}); }
      void ended(const ChildExit& how) override {
        exit = how;
        loop.stop();
      }
      EventLoop& loop;
      std::optional<ChildExit> exit;
    };
    const auto account = std::make_shared<Ended>(loop_);
    ChildOptions options{.command = {"sh", "-c", c.script}, .watch = account};
    options.input_grace = options.term_grace = milliseconds(50);
    Result<std::unique_ptr<ChildProcess>> child = ChildProcess::start(loop_, guard_, options);
    ASSERT_TRUE(child) << child.error().message;
    c.end(*child);
    run();
    ASSERT_TRUE(account->exit);
    EXPECT_EQ(account->exit->text(), c.text);
    EXPECT_EQ(account->exit->was_asked, c.was_asked);
    EXPECT_EQ(account->exit->was_killed, c.was_killed);
  }
}

}  // namespace
}  // namespace pawl
