// Regressions of the ledger on disks that fail, each named after what broke.
#include <gtest/gtest.h>

#include "foundation/ledger/reader.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

using Operation = FaultFiles::Operation;
using Fault = FaultFiles::Fault;

// A ledger without threads: what it does is done when pump() returns.
struct PumpedRig : LedgerRig {
  PumpedRig() { settings.threads = false; }
};

Result<EntryRef> append(Ledger& ledger, std::uint64_t number, std::string token) {
  Result<EntryRef> result = fail(Code::kInternal, "waits");
  ledger.append_entry({std::move(token), test_id(number), false},
                      [&](Result<EntryRef> ref) { result = std::move(ref); });
  ledger.pump();
  return result;
}

Status intend(Ledger& ledger, std::uint64_t number) {
  Status result = fail(Code::kInternal, "waits");
  ledger.append_intent({test_id(number), R"({"n":1})"},
                       [&](Status status) { result = std::move(status); });
  ledger.pump();
  return result;
}

// The kernel calls pages clean whose write-back failed. A batch that was read from the page cache
// at the next start was taken for durable, acknowledged batches followed it, and the power cut left
// a hole between them.
TEST(LedgerFailedSync, ABatchWhoseSyncFailedIsWrittenAgainAtTheNextStart) {
  FaultFiles files;
  PumpedRig rig;
  {
    auto ledger = *rig.open(files);
    ASSERT_TRUE(append(*ledger, 0, "kept"));
    ledger->pump();
    files.fail_call(Operation::kSync, 1, Fault::kIo);
    ASSERT_FALSE(append(*ledger, 1, "not acknowledged"));
  }
  std::uint64_t size = 0;
  {
    auto ledger = *rig.open(files);
    ASSERT_TRUE(append(*ledger, 2, "acknowledged"));
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
    ASSERT_TRUE(append(ledger, i, std::string(40'000, 'x')));
  }
  ledger.pump();
}

TEST(LedgerFullDisk, RefusesIntentsKeepsEntriesWaitingAndGoesOnByItself) {
  FaultFiles files;
  PumpedRig rig;
  auto ledger = *rig.open(files);
  fill_segment(*ledger);
  files.set_full(true);
  // An outcome of what was begun waits; nothing new begins.
  Result<EntryRef> outcome = fail(Code::kInternal, "waits");
  ledger->append_entry({std::string(40'000, 'y'), test_id(7), true},
                       [&](Result<EntryRef> ref) { outcome = std::move(ref); });
  ledger->pump();
  EXPECT_EQ(outcome.error().message, "waits");
  EXPECT_FALSE(ledger->writable());
  EXPECT_EQ(ledger->closed_because(), "there is no room on the disk of the ledger");
  EXPECT_EQ(intend(*ledger, 8).error().code, Code::kEvidenceUnavailable);
  ledger->look_for_room();
  ledger->pump();
  EXPECT_EQ(outcome.error().message, "waits");
  files.set_full(false);
  ledger->look_for_room();
  ledger->pump();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->index, 3u);
  EXPECT_TRUE(ledger->writable());
  EXPECT_TRUE(intend(*ledger, 9));
  EXPECT_EQ(*ledger->entry(3), std::string(40'000, 'y'));
  ledger.reset();
  ASSERT_TRUE(rig.open(files));
  EXPECT_EQ(rig.recovery.size, 4u);
}

// Refused calls append nothing, so nobody looked whether space had come back.
TEST(LedgerFullDisk, ComesBackFromTheLowSpaceWatermarkWithoutAnAppend) {
  FaultFiles files;
  PumpedRig rig;
  rig.settings.reserve_bytes = 1000;
  files.set_free_bytes(10);
  auto ledger = *rig.open(files);
  EXPECT_FALSE(ledger->writable());
  files.set_free_bytes(1'000'000);
  rig.clock.step(std::chrono::seconds(1));
  ledger->look_for_room();
  ledger->pump();
  EXPECT_TRUE(ledger->writable());
}

// The daemon waited for its last record, and never ended.
TEST(LedgerFullDisk, WhatWaitsIsAnsweredBeforeTheEnd) {
  FaultFiles files;
  PumpedRig rig;
  auto ledger = *rig.open(files);
  fill_segment(*ledger);
  files.set_full(true);
  std::vector<Code> answers;
  for (std::uint64_t i = 7; i < 9; ++i) {
    ledger->append_entry({std::string(40'000, 'y'), test_id(i), true}, [&](Result<EntryRef> ref) {
      answers.push_back(ref ? Code::kInternal : ref.error().code);
    });
    ledger->pump();
    ledger->stop_waiting();  // also for what comes after it
    ledger->pump();
    EXPECT_EQ(answers, std::vector<Code>(i - 6, Code::kEvidenceUnavailable));
  }
}

TEST(LedgerFullDisk, AnEndWithoutRoomAnswersWhatWaits) {
  FaultFiles files;
  PumpedRig rig;
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
  PumpedRig rig;
  {
    auto ledger = *rig.open(files);
    ASSERT_TRUE(append(*ledger, 0, LedgerRig::token(0)));
    ledger->pump();
    files.set_hook([&](const FaultFiles::Call& call) {
      if (call.operation == Operation::kSync) {
        files.cut_power_at(call.number);
      }
    });
    ASSERT_FALSE(append(*ledger, 1, LedgerRig::token(1)));
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
