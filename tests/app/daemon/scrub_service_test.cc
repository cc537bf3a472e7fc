// The background scrub under a stepped clock: its rate, its pauses, and what damage does.
#include "app/daemon/scrub_service.h"

#include <gtest/gtest.h>

#include "foundation/ledger/segment.h"
#include "operators/override/override_journal.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl {
namespace {

using ledger::LedgerRig;

class ScrubServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    ledger_ = *rig_.open(files_);
    for (std::uint64_t i = 0; i < 400; ++i) {
      ASSERT_TRUE(append_entry_sync(*ledger_, i, LedgerRig::token(i)));
    }
    std::vector<override_::Stop> stops;
    journal_ = *override_::OverrideJournal::open(files_, "journal", rig_.clock, stops);
    start();
  }

  void start(ScrubSettings settings = {1, 600}) {
    scrub_.reset();
    scrub_ = std::make_unique<ScrubService>(
        ScrubService::Parts{files_, rig_.clock, *ledger_, "journal", "ledger/scrub.json",
                            [this] { ++snapshots_; }, [this] { return stopped_for_journal_; }},
        settings);
  }

  std::string result() { return text("result"); }
  std::string text(std::string_view name) {
    const json::Value status = scrub_->status();
    return std::string(json::find_string(status, {name}).value_or(""));
  }
  std::uint64_t passes() { return scrub_->status().at("passes").to_number<std::uint64_t>(); }
  double gauge(std::string_view wanted) {
    double found = -1;
    scrub_->gauges([&](std::string_view name, double value) {
      if (name == wanted) {
        found = value;
      }
    });
    return found;
  }
  // Turns until a pass has ended; the clock moves by what each turn asks for.
  std::chrono::microseconds one_pass() {
    const std::uint64_t before = passes();
    std::chrono::microseconds took{0};
    while (passes() == before) {
      const std::chrono::microseconds wait = scrub_->turn();
      rig_.clock.step(wait);
      took += wait;
    }
    return took;
  }
  void flip() {
    const std::string bytes = *files_.contents(kFirst);
    const char flipped = static_cast<char>(bytes.at(1000) ^ 4);
    files_.put(kFirst, bytes.substr(0, 1000) + flipped + bytes.substr(1001));
  }

  const std::string kFirst = ledger::segment_path("ledger", 1);
  FaultFiles files_;
  LedgerRig rig_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<override_::OverrideJournal> journal_;
  bool stopped_for_journal_ = false;
  std::unique_ptr<ScrubService> scrub_;
  int snapshots_ = 0;
};

TEST_F(ScrubServiceTest, ReadsAtTheConfiguredRateAndRestsBetweenPasses) {
  const std::chrono::microseconds slow = one_pass();
  EXPECT_EQ(result(), "good");
  // All that the ledger holds was read, at one MiB a second: no less time than its bytes take.
  const double mib = static_cast<double>(ledger_->stats().bytes) / (1 << 20);
  EXPECT_GE(std::chrono::duration<double>(slow).count(), 0.8 * mib);
  EXPECT_EQ(gauge("scrub_age_seconds"), 0);
  const std::chrono::microseconds rest = scrub_->turn();
  EXPECT_GT(rest, std::chrono::seconds(590));
  rig_.clock.step(std::chrono::seconds(100));
  EXPECT_EQ(gauge("scrub_age_seconds"), 100);
  EXPECT_EQ(passes(), 1u);
  start({8, 600});
  EXPECT_LT(one_pass(), slow);
}

TEST_F(ScrubServiceTest, WithoutARateItReadsOnlyWhenAsked) {
  start({0, 600});
  for (int i = 0; i < 5; ++i) {
    rig_.clock.step(scrub_->turn());
  }
  EXPECT_EQ(passes(), 0u);
  EXPECT_EQ(scrub_->ask(), 1u);
  EXPECT_EQ(one_pass().count(), 1);  // at full speed
  EXPECT_EQ(result(), "good");
}

TEST_F(ScrubServiceTest, AskingBeginsANewPass) {
  scrub_->turn();
  flip();  // behind what the pass under way has read
  EXPECT_EQ(scrub_->ask(), 1u);
  one_pass();
  EXPECT_EQ(result(), "bad");
}

TEST_F(ScrubServiceTest, DamageStopsNewActionsAndIsNamedUntilItIsGone) {
  flip();
  one_pass();
  EXPECT_EQ(result(), "bad");
  EXPECT_EQ(gauge("scrub_damaged"), 1);
  const json::Value status = scrub_->status();
  EXPECT_EQ(json::find_string(status, {"damage", "file"}), "segments/000000000001.seg");
  EXPECT_NE(ledger_->closed_because().find("segments/000000000001.seg offset"), std::string::npos);
  EXPECT_EQ(append_intent_sync(*ledger_, 1000).error().code, Code::kEvidenceUnavailable);
  EXPECT_TRUE(append_entry_sync(*ledger_, 1001, LedgerRig::token(1001)));

  ledger_->release();
  start();  // a restart does not forget it
  EXPECT_EQ(result(), "bad");
  EXPECT_EQ(append_intent_sync(*ledger_, 1002).error().code, Code::kEvidenceUnavailable);

  flip();  // somebody put the right bytes back
  scrub_->ask();
  one_pass();
  EXPECT_EQ(result(), "good");
  EXPECT_EQ(ledger_->closed_because(), "");
  EXPECT_TRUE(append_intent_sync(*ledger_, 1003));
  start();
  EXPECT_EQ(result(), "good");
}

TEST_F(ScrubServiceTest, ADamagedJournalSlotIsDamage) {
  const std::string bytes = *files_.contents("journal");
  const std::size_t at = 512 * 7 + 100;
  const char flipped = static_cast<char>(bytes.at(at) ^ 1);
  files_.put("journal", bytes.substr(0, at) + flipped + bytes.substr(at + 1));
  one_pass();
  EXPECT_EQ(result(), "bad");
  const json::Value status = scrub_->status();
  EXPECT_EQ(json::find_string(status, {"damage", "what"}), "slot 7 cannot be read");
  EXPECT_NE(ledger_->closed_because(), "");
}

TEST_F(ScrubServiceTest, SlotsForWhichEverythingIsStoppedAreNoNews) {
  files_.put("journal", "");
  stopped_for_journal_ = true;
  one_pass();
  EXPECT_EQ(result(), "good");
  stopped_for_journal_ = false;
  one_pass();
  EXPECT_EQ(result(), "bad");
}

TEST_F(ScrubServiceTest, AnUnreadableFileIsNeitherGoodNorDamageAndIsTriedAgainSoon) {
  files_.fail_call(FaultFiles::Operation::kOpen, 4, FaultFiles::Fault::kIo);
  one_pass();
  EXPECT_EQ(result(), "unreadable");
  EXPECT_EQ(gauge("scrub_unreadable"), 1);
  EXPECT_EQ(ledger_->closed_because(), "");
  EXPECT_LE(scrub_->turn(), std::chrono::seconds(60));
  one_pass();
  EXPECT_EQ(result(), "good");
}

TEST_F(ScrubServiceTest, ADamagedSnapshotIsWrittenAnew) {
  files_.put("ledger/snapshot", "not a snapshot");
  one_pass();
  EXPECT_EQ(result(), "good");
  EXPECT_EQ(snapshots_, 1);
}

TEST_F(ScrubServiceTest, ItsThreadAnswersWhoeverAsks) {
  scrub_->start();
  const std::uint64_t wanted = scrub_->ask();
  while (passes() < wanted) {
    std::this_thread::yield();
  }
  EXPECT_EQ(result(), "good");
}

}  // namespace
}  // namespace pawl
