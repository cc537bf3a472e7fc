#include "foundation/ledger/append_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace pawl::ledger {
namespace {

using std::chrono::microseconds;

constexpr microseconds kWait{200};

Quiet::Steady::time_point at(int us) {
  return Quiet::Steady::time_point(std::chrono::seconds(1000)) + microseconds(us);
}

// Turns are odd while the path works.
TEST(Quiet, ABatchStartsWhenNothingCameAndThePathHadNothingToDo) {
  struct Look {
    int last, now;
    std::uint64_t turns;
    int due;
  };
  struct {
    const char* name;
    std::vector<Look> looks;
  } const cases[] = {
      {"idle all along: from the last append on", {{100, 150, 2, 300}, {100, 300, 2, 300}}},
      {"something came meanwhile", {{100, 150, 2, 300}, {250, 300, 2, 450}}},
      {"it works: looked at again, later each time",
       {{100, 150, 3, 950}, {100, 950, 3, 2550}, {100, 2550, 3, 4150}}},
      {"it worked between two looks",
       {{100, 150, 2, 300}, {100, 300, 6, 1100}, {100, 1100, 6, 500}}},
      {"it went to sleep: idle from when that was seen",
       {{100, 150, 3, 950}, {100, 950, 4, 2550}, {100, 2550, 4, 1150}}},
  };
  for (const auto& c : cases) {
    Quiet quiet(kWait, 2);
    for (const Look& look : c.looks) {
      EXPECT_EQ(quiet.look_again(at(look.last), look.turns, at(look.now)), at(look.due))
          << c.name << ", at " << look.now;
    }
  }
}

Append entry() {
  Append append;
  append.bytes = "x";
  append.entry_done = [](Result<EntryRef>) {};
  return append;
}

// While the path works only the longest wait, of an hour here, or an idle path begins a batch.
TEST(AppendQueue, APathThatWorksIsWaitedFor) {
  std::atomic<std::uint64_t> turns = 1;
  std::atomic<int> looks = 0;
  AppendQueue queue(100, 100, std::chrono::minutes(3), 1 << 20, [&] {
    ++looks;
    return turns.load();
  });
  std::vector<Append> batch;
  for (int i = 0; i < 8; ++i) {
    Append append = entry();
    ASSERT_TRUE(queue.push(append));
  }
  ASSERT_TRUE(queue.take(batch));  // eight callers are expected from here on
  ASSERT_EQ(batch.size(), 8u);
  Append first = entry();
  ASSERT_TRUE(queue.push(first));
  std::thread writer([&] { (void)queue.take(batch); });
  while (looks < 3) {
    std::this_thread::yield();
  }
  EXPECT_EQ(queue.depth(), 1u);
  for (int i = 0; i < 7; ++i) {
    Append append = entry();
    ASSERT_TRUE(queue.push(append));
  }
  writer.join();
  EXPECT_EQ(batch.size(), 8u);
}

}  // namespace
}  // namespace pawl::ledger
