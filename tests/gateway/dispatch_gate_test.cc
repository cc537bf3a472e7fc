#include "gateway/dispatch_gate.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>

namespace pawl {
namespace {

TEST(DispatchGate, PassesOnlyWhileTheDecisionStands) {
  DispatchGate gate;
  const Epochs seen = gate.epochs();
  int writes = 0;
  EXPECT_TRUE(gate.pass(seen, [&] { ++writes; }));
  gate.advance(EpochKind::kRules);
  EXPECT_FALSE(gate.pass(seen, [&] { ++writes; }));
  EXPECT_TRUE(gate.pass(gate.epochs(), [&] { ++writes; }));
  EXPECT_EQ(writes, 2);
}

// An inner gate that refuses, or that is passed, must not open the way for advance(): the write of
// the outer one is still to come.
TEST(DispatchGate, AdvanceWaitsForTheOutermostOfNestedPasses) {
  DispatchGate gate;
  const Epochs seen = gate.epochs();
  std::atomic<bool> advanced{false};
  std::thread operator_thread;
  const bool passed = gate.pass(seen, [&] {
    ASSERT_TRUE(gate.pass(seen, [] {}));
    operator_thread = std::thread([&] {
      gate.advance(EpochKind::kStops);
      advanced = true;
    });
    while (gate.epochs() == seen) {
      ::sched_yield();
    }
    EXPECT_FALSE(gate.pass(seen, [] { ADD_FAILURE() << "the epoch has moved"; }));
    for (int i = 0; i < 10'000; ++i) {  // ample for an advance() that does not wait
      ::sched_yield();
      ASSERT_FALSE(advanced);
    }
  });
  EXPECT_TRUE(passed);
  operator_thread.join();
  EXPECT_TRUE(advanced);
}

}  // namespace
}  // namespace pawl
