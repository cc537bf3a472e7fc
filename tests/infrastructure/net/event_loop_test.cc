#include "infrastructure/net/event_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "infrastructure/net/deadlines.h"

namespace pawl {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(EventLoop, RunsPostedTasksInOrderUntilStopped) {
  EventLoop loop;
  std::vector<int> order;
  std::thread poster([&] {
    for (int i = 0; i < 100; ++i) {
      loop.post([&order, i] { order.push_back(i); });
    }
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  poster.join();
  ASSERT_EQ(order.size(), 100u);
  EXPECT_EQ(order[99], 99);
}

TEST(EventLoop, TellsOthersWhetherItWorks) {
  EventLoop loop;
  const auto turns = loop.turns();
  std::uint64_t working = 0;
  std::uint64_t later = 0;
  Timer timer;
  loop.post([&] {
    working = turns();
    timer = loop.after(std::chrono::microseconds(1), [&] {
      later = turns();
      loop.stop();
    });
  });
  loop.run();
  EXPECT_EQ(working % 2, 1u);
  EXPECT_EQ(later % 2, 1u);
  EXPECT_GT(later, working) << "a wait lies between";
}

// Each post finds the loop waiting: asleep at first, then looking again for a moment.
TEST(EventLoop, HearsPostsWhileItSleepsAndWhileItPolls) {
  constexpr int kRounds = 2'000;
  EventLoop loop;
  std::atomic<int> heard{0};
  std::thread poster([&] {
    for (int i = 0; i < kRounds; ++i) {
      loop.post([&] {
        ++heard;
        heard.notify_one();
      });
      heard.wait(i);
    }
    loop.stop();
  });
  loop.run();
  poster.join();
  EXPECT_EQ(heard, kRounds);
}

// An end that comes before the loop's thread gets there was lost, and whoever joined it hung.
TEST(EventLoop, AStopBeforeItRunsIsNotLost) {
  EventLoop loop;
  loop.stop();
  loop.run();  // returns
  bool ran = false;
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(EventLoop, RunsAgainAfterStop) {
  EventLoop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      ++runs;
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(EventLoop, TimersFireInOrderOfTheirTime) {
  EventLoop loop;
  std::vector<int> order;
  Timer late = loop.after(milliseconds(3), [&] {
    order.push_back(2);
    loop.stop();
  });
  Timer early = loop.after(milliseconds(1), [&] { order.push_back(1); });
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(EventLoop, CancelledDestroyedAndReplacedTimersStaySilent) {
  EventLoop loop;
  int fired = 0;
  Timer cancelled = loop.after(microseconds(1), [&] { fired += 1; });
  cancelled.cancel();
  {
    Timer destroyed = loop.after(microseconds(1), [&] { fired += 10; });
  }
  Timer replaced = loop.after(microseconds(1), [&] { fired += 100; });
  replaced = loop.after(milliseconds(2), [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(fired, 0);
}

TEST(EventLoop, ATimerMayBeDestroyedByItsOwnCallback) {
  EventLoop loop;
  Timer timer;
  timer = loop.after(microseconds(1), [&] {
    timer = Timer();
    loop.stop();
  });
  loop.run();
}

TEST(EventLoop, PendingWorkIsDroppedWithTheLoop) {
  auto held = std::make_shared<int>(1);
  {
    EventLoop loop;
    loop.post([held] { FAIL(); });
    Timer timer = loop.after(milliseconds(1), [held] { FAIL(); });
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(EventLoop, TellsOfTerminationAndHangup) {
  EventLoop loop;
  int seen = 0;
  int hangups = 0;
  loop.on_hangup([&] {
    ++hangups;
    std::raise(SIGTERM);
  });
  loop.on_termination([&](int signal) {
    seen = signal;
    loop.stop();
  });
  loop.post([] { std::raise(SIGHUP); });
  loop.run();
  EXPECT_EQ(seen, SIGTERM);
  EXPECT_EQ(hangups, 1);
}

TEST(Deadlines, FireOnceInOrderAndMayRemoveEachOther) {
  EventLoop loop;
  Deadlines deadlines(loop);
  std::vector<int> fired;
  auto victim = std::make_unique<Deadlines::Entry>(deadlines, [&] { fired.push_back(99); });
  Deadlines::Entry moved(deadlines, [&] {
    fired.push_back(2);
    loop.stop();
  });
  Deadlines::Entry first(deadlines, [&] {
    fired.push_back(1);
    victim.reset();
  });
  Deadlines::Entry cleared(deadlines, [&] { fired.push_back(98); });
  victim->set_in(milliseconds(30));
  moved.set_in(milliseconds(1));
  moved.set_in(milliseconds(40));
  first.set_in(milliseconds(2));
  cleared.set_in(milliseconds(1));
  cleared.clear();
  loop.run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
  EXPECT_FALSE(moved.is_set());
}

}  // namespace
}  // namespace pawl
