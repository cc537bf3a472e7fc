// The log's key is lost (a token that was pulled out) and comes back.
#include <gtest/gtest.h>

#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/support/lost_key.h"

namespace pawl::ledger {
namespace {

struct Asked {
  explicit Asked(Ledger& ledger, std::uint64_t number) {
    ledger.append_entry({LedgerRig::token(number), test_id(number), true},
                        [this](Result<EntryRef> r) { answer = std::move(r); });
  }
  std::optional<Result<EntryRef>> answer;
};

TEST(LostLogKey, EntriesWaitInOrderIntentsAreRefusedAndAllGoesOnWhenItIsBack) {
  FaultFiles files;
  LedgerRig rig;
  rig.settings.threads = false;
  LostKey lost(LedgerRig::log_key());
  Result<std::unique_ptr<Ledger>> ledger = rig.open(files, lost.key());
  ASSERT_TRUE(ledger) << ledger.error().message;
  Asked zero(**ledger, 0);
  (*ledger)->pump();
  ASSERT_TRUE(zero.answer && *zero.answer);

  lost.lose();
  Asked one(**ledger, 1);
  (*ledger)->pump();
  Asked two(**ledger, 2);
  std::optional<Status> intent;
  (*ledger)->append_intent({test_id(9), "{}"}, [&](Status s) { intent = std::move(s); });
  (*ledger)->pump();
  EXPECT_FALSE(one.answer || two.answer);
  ASSERT_TRUE(intent && !*intent);
  EXPECT_EQ(intent->error().code, Code::kEvidenceUnavailable);
  EXPECT_EQ((*ledger)->closed_because(), "the key of the log does not sign: the token is gone");
  EXPECT_FALSE((*ledger)->writable());
  EXPECT_EQ((*ledger)->size(), 1u);

  lost.find();
  (*ledger)->pump();
  ASSERT_TRUE(one.answer && *one.answer && two.answer && *two.answer);
  EXPECT_EQ((*one.answer)->index, 1u);
  EXPECT_EQ((*two.answer)->index, 2u);
  EXPECT_EQ((*ledger)->closed_because(), "");
  EXPECT_TRUE((*ledger)->writable());
  (*ledger).reset();
  ASSERT_TRUE(rig.open(files));
  EXPECT_EQ(rig.recovery.size, 3u);
}

// Killed, or ended, while it waits: what was not signed was never written, and nobody was told so.
TEST(LostLogKey, WhatWaitedWhenTheProcessEndedIsNotThere) {
  for (const bool killed : {true, false}) {
    FaultFiles files;
    LedgerRig rig;
    rig.settings.threads = false;
    LostKey lost(LedgerRig::log_key());
    Result<std::unique_ptr<Ledger>> ledger = rig.open(files, lost.key());
    ASSERT_TRUE(ledger);
    Asked zero(**ledger, 0);
    (*ledger)->pump();
    lost.lose();
    Asked one(**ledger, 1);
    (*ledger)->pump();
    std::unique_ptr<FaultFiles> after;
    if (killed) {
      after = files.kill();
      ledger->reset();  // answers what waits, while who asked is there
    } else {
      (*ledger)->stop_waiting();
      (*ledger)->pump();
      ASSERT_TRUE(one.answer && !*one.answer);
      lost.find();
      Asked late(**ledger, 2);
      (*ledger)->pump();
      EXPECT_TRUE(late.answer && !*late.answer) << "closed: a part of its state was never written";
      ledger->reset();
      after = files.kill();
    }
    LedgerRig again;
    const auto opened = again.open(*after);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(again.recovery.size, 1u);
    EXPECT_TRUE(append_entry_sync(**opened, 1, LedgerRig::token(1)));
  }
}

}  // namespace
}  // namespace pawl::ledger
