#include "infrastructure/net/brief_polling.h"

#include <gtest/gtest.h>

#include <functional>

namespace pawl {
namespace {

// How many of `waits` waits poll, where `comes` says of each whether something comes in time.
int polled(BriefPolling& polling, int waits, const std::function<bool(int)>& comes) {
  int count = 0;
  for (int i = 0; i < waits; ++i) {
    if (polling.is_worth_it()) {
      ++count;
      polling.told(comes(i));
    }
  }
  return count;
}

TEST(BriefPolling, TheTable) {
  const struct {
    const char* what;
    std::function<bool(int)> comes;
    int least, most;  // of 3,200 waits
  } rows[] = {
      {"nothing comes soon: one wait in 32", [](int) { return false; }, 100, 100},
      {"everything does", [](int) { return true; }, 3'160, 3'200},
      {"two of three do", [](int i) { return i % 3 != 0; }, 3'000, 3'200},
      {"every second does not pay", [](int i) { return i % 2 == 0; }, 100, 900},
  };
  for (const auto& row : rows) {
    BriefPolling polling;
    const int count = polled(polling, 3'200, row.comes);
    EXPECT_GE(count, row.least) << row.what;
    EXPECT_LE(count, row.most) << row.what;
  }
}

TEST(BriefPolling, EndsSoonAfterItStopsPaying) {
  BriefPolling polling;
  polled(polling, 1'000, [](int) { return true; });
  EXPECT_LE(polled(polling, 32, [](int) { return false; }), 10);
  EXPECT_GE(polled(polling, 100, [](int) { return true; }), 60);
}

}  // namespace
}  // namespace pawl
