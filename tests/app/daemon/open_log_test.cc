// What the configuration asks of a log reaches the log: head file, reserve, size and age.
#include "app/daemon/open_log.h"

#include <gtest/gtest.h>

#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/powercut/step_scheduler.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

constexpr const char* kHead = "outside/head";

struct OpenLogTest : testing::Test {
  OpenLogTest() {
    EXPECT_TRUE(files.make_directory("data"));
    EXPECT_TRUE(files.make_directory("outside"));
    keys = std::make_unique<Keystore>(*Keystore::create(files, "data/keys", random));
  }
  Status open() {
    log.reset();
    ledger::Options options;
    options.threads = false;
    log = std::make_unique<OpenLog>(OpenLog::Parts{files, clock, scheduler, config, *keys,
                                                   DataFolder{"data"}, options, [] {},
                                                   [] { return false; }});
    Decisions decisions;
    ledger::Recovery recovery;
    Status opened = log->open(decisions, recovery);
    if (!opened) {
      log.reset();
    }
    return opened;
  }
  void append() {
    bool durable = false;
    log->ledger().append_entry({ledger::LedgerRig::token(1), ledger::test_id(1), false},
                               [&](const Result<ledger::EntryRef>& ref) { durable = !!ref; });
    EXPECT_TRUE(log->ledger().pump());
    scheduler.run_ready();
    EXPECT_TRUE(durable);
  }

  FaultFiles files;
  SteppedClock clock;
  SeededRandom random{1};
  powercut::StepScheduler scheduler;
  Config config = default_config("data");
  std::unique_ptr<Keystore> keys;
  std::unique_ptr<OpenLog> log;
};

TEST_F(OpenLogTest, IsRefusedWithoutTheHeadFileThatKnowsIt) {
  config.head_file = kHead;
  ASSERT_TRUE(open());
  append();
  ASSERT_TRUE(open());
  log.reset();
  ASSERT_TRUE(files.remove(kHead));
  const Status without = open();
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Code::kConflict);
}

TEST_F(OpenLogTest, ClosesForNewCallsWhenTheReserveIsTouched) {
  ASSERT_TRUE(open());
  EXPECT_EQ(log->ledger().closed_because(), "");
  files.set_free_bytes((static_cast<std::uint64_t>(config.limits.reserve_mib) << 20) - 1);
  clock.step(std::chrono::seconds(1));
  Status begun;
  log->ledger().append_intent({ledger::test_id(1), "{}"}, [&](Status durable) { begun = durable; });
  log->ledger().pump();
  scheduler.run_ready();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Code::kEvidenceUnavailable);
  EXPECT_NE(log->ledger().closed_because(), "");
}

TEST_F(OpenLogTest, IsFullByAgeAndBySize) {
  ASSERT_TRUE(open());
  append();
  clock.step(std::chrono::hours(24 * 365));
  EXPECT_FALSE(log->is_full()) << "without limits a log has no end";
  config.limits.log_max_days = 1;
  EXPECT_TRUE(log->is_full());
  config.limits.log_max_days = 0;
  config.limits.log_max_mib = 1;
  EXPECT_FALSE(log->is_full());
  for (std::uint64_t n = 0; n < 20; ++n) {
    log->ledger().append_entry({std::string(65'000, 'x'), ledger::test_id(n + 2), false},
                               [](const Result<ledger::EntryRef>&) {});
  }
  EXPECT_TRUE(log->ledger().pump());
  EXPECT_TRUE(log->is_full());
}

}  // namespace
}  // namespace pawl
