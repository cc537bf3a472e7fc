// Regressions of the ledger on disks that fail, each named after what broke.
#include <gtest/gtest.h>

#include "foundation/ledger/reader.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

using Operation = FaultFiles::Operation;
using Fault = FaultFiles::Fault;

// The kernel calls pages clean whose write-back failed. A batch that was read from the page cache
// at the next start was taken for durable, acknowledged batches followed it, and the power cut left
// a hole between them.
TEST(LedgerFailedSync, ABatchWhoseSyncFailedIsWrittenAgainAtTheNextStart) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    ASSERT_TRUE(append_entry_sync(*ledger, 0, "kept"));
    ledger->settle();
    files.fail_call(Operation::kSync, 1, Fault::kIo);
    ASSERT_FALSE(append_entry_sync(*ledger, 1, "not acknowledged"));
  }
  std::uint64_t size = 0;
  {
    auto ledger = *rig.open(files);
    ASSERT_TRUE(append_entry_sync(*ledger, 2, "acknowledged"));
    size = ledger->size();
  }
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::unique_ptr<FaultFiles> after = files.power_cut(seed);
    auto again = rig.open(*after);
    ASSERT_TRUE(again) << seed << ": " << again.error().message;
    EXPECT_EQ((*again)->size(), size) << seed;
    EXPECT_EQ(*(*again)->entry(size - 1), "acknowledged") << seed;
  }
}

// Fills the one segment until the next large entry needs another one.
void fill_segment(Ledger& ledger) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(append_entry_sync(ledger, i, std::string(40'000, 'x')));
  }
  ledger.settle();
}

TEST(LedgerFullDisk, RefusesIntentsKeepsEntriesWaitingAndGoesOnByItself) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  fill_segment(*ledger);
  files.set_full(true);
  // An outcome of what was begun waits; nothing new begins.
  Result<EntryRef> outcome = fail(Code::kInternal, "waits");
  ledger->append_entry({std::string(40'000, 'y'), test_id(7), true},
                       [&](Result<EntryRef> ref) { outcome = std::move(ref); });
  ledger->settle();
  EXPECT_EQ(outcome.error().message, "waits");
  EXPECT_FALSE(ledger->writable());
  EXPECT_EQ(append_intent_sync(*ledger, 8).error().code, Code::kEvidenceUnavailable);
  ledger->look_for_room();
  ledger->settle();
  EXPECT_EQ(outcome.error().message, "waits");
  files.set_full(false);
  ledger->look_for_room();
  ledger->settle();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->index, 3u);
  EXPECT_TRUE(ledger->writable());
  EXPECT_TRUE(append_intent_sync(*ledger, 9));
  EXPECT_EQ(*ledger->entry(3), std::string(40'000, 'y'));
  ledger.reset();
  ASSERT_TRUE(rig.open(files));
  EXPECT_EQ(rig.recovery.size, 4u);
}

// Refused calls append nothing, so nobody looked whether space had come back.
TEST(LedgerFullDisk, ComesBackFromTheLowSpaceWatermarkWithoutAnAppend) {
  FaultFiles files;
  LedgerRig rig;
  rig.settings.reserve_bytes = 1000;
  files.set_free_bytes(10);
  auto ledger = *rig.open(files);
  EXPECT_FALSE(ledger->writable());
  files.set_free_bytes(100'000);
  rig.clock.step(std::chrono::seconds(1));
  ledger->look_for_room();
  ledger->settle();
  EXPECT_TRUE(ledger->writable());
}

// The daemon waited for its last record, and never ended.
TEST(LedgerFullDisk, WhatWaitsIsAnsweredBeforeTheEnd) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  fill_segment(*ledger);
  files.set_full(true);
  Waiter waiter;
  for (std::uint64_t i = 7; i < 9; ++i) {
    ledger->append_entry({std::string(40'000, 'y'), test_id(i), true}, [&](Result<EntryRef> ref) {
      EXPECT_EQ(ref.error().code, Code::kEvidenceUnavailable);
      waiter.arrive();
    });
    ledger->settle();
    ledger->stop_waiting();  // also for what comes after it
    waiter.wait(i - 6);
  }
}

TEST(LedgerFullDisk, AnEndWithoutRoomAnswersWhatWaits) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  fill_segment(*ledger);
  files.set_full(true);
  Result<EntryRef> outcome = EntryRef{};
  ledger->append_entry({std::string(40'000, 'y'), test_id(7), true},
                       [&](Result<EntryRef> ref) { outcome = std::move(ref); });
  ledger.reset();
  EXPECT_EQ(outcome.error().code, Code::kEvidenceUnavailable);
  EXPECT_TRUE(rig.open(*files.kill()));
  EXPECT_EQ(rig.recovery.size, 3u);
}

// A batch that its daemon has written but not synced was exported under its checkpoint; the power
// cut took the batch back, and the bundle covered entries that the log had lost.
TEST(LedgerExport, CoversNothingThatAPowerCutTakesBack) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    ASSERT_TRUE(append_entry_sync(*ledger, 0, "durable"));
    ledger->settle();
    files.set_hook([&](const FaultFiles::Call& call) {
      if (call.operation == Operation::kSync) {
        files.cut_power_at(call.number);
      }
    });
    ASSERT_FALSE(append_entry_sync(*ledger, 1, "written, not synced"));
  }
  const std::unique_ptr<FaultFiles> killed = files.kill();
  ASSERT_TRUE(export_bundle(*killed, "ledger", "bundle"));
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::unique_ptr<FaultFiles> after = killed->power_cut(seed);
    ASSERT_TRUE(rig.open(*after)) << seed;
    EXPECT_EQ(rig.recovery.size, 2u) << seed;
    EXPECT_EQ(verify_folder(*after, "bundle", {}).first_bad, "") << seed;
    EXPECT_EQ(verify_folder(*after, "bundle", {}).entries, 2u) << seed;
  }
}

}  // namespace
}  // namespace pawl::ledger
