// Regressions of the override journal on disks that fail, each named after what broke.
#include <gtest/gtest.h>

#include "operators/override/override_journal.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl::override_ {
namespace {

using Operation = FaultFiles::Operation;
using Fault = FaultFiles::Fault;

class JournalFaults : public ::testing::Test {
 protected:
  Stop stop() {
    return {Uuid::v7(clock_.wall(), random_), *parse_scope("agent:triage"), "night", "ann",
            clock_.wall()};
  }
  std::size_t count(FaultFiles& files) {
    std::vector<Stop> stops;
    return OverrideJournal::open(files, "journal", clock_, stops) ? stops.size() : 999;
  }

  SteppedClock clock_;
  SeededRandom random_{7};
};

// Shown as in force after the restart, and gone after the power cut that followed.
TEST_F(JournalFaults, AStopWhoseSyncFailedIsDurableAfterTheNextStart) {
  FaultFiles files;
  std::vector<Stop> stops;
  auto journal = *OverrideJournal::open(files, "journal", clock_, stops);
  files.fail_call(Operation::kSync, 1, Fault::kIo);
  EXPECT_FALSE(journal->record(stop()));
  ASSERT_EQ(count(files), 1u);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    EXPECT_EQ(count(*files.power_cut(seed)), 1u) << seed;
  }
}

// The whole file went with its name.
TEST_F(JournalFaults, TheJournalOfAStartThatWasKilledKeepsItsName) {
  for (std::uint64_t call = 1;; ++call) {
    FaultFiles first;
    first.cut_power_at(call);
    std::vector<Stop> stops;
    const bool opened = OverrideJournal::open(first, "journal", clock_, stops).has_value();
    const std::unique_ptr<FaultFiles> second = first.kill();
    auto journal = OverrideJournal::open(*second, "journal", clock_, stops);
    ASSERT_TRUE(journal) << call;
    ASSERT_TRUE((*journal)->record(stop())) << call;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      EXPECT_EQ(count(*second->power_cut(seed)), 1u) << "call " << call << ", seed " << seed;
    }
    if (opened) {
      EXPECT_GT(call, 8u);
      break;
    }
  }
}

// A journal that cannot be looked at was taken for missing and made anew, empty.
TEST_F(JournalFaults, AJournalThatCannotBeLookedAtIsNotReplaced) {
  FaultFiles files;
  std::vector<Stop> stops;
  ASSERT_TRUE((*OverrideJournal::open(files, "journal", clock_, stops))->record(stop()));
  files.fail_call(Operation::kExists, 1, Fault::kIo);
  EXPECT_EQ(count(files), 1u);
}

// Hundreds of stops of everything stood in `pawl status`, and each had to be lifted.
TEST_F(JournalFaults, DamagedSlotsAreOneStopAndOneLiftMendsThem) {
  FaultFiles files;
  std::vector<Stop> stops;
  const Stop real = stop();
  ASSERT_TRUE((*OverrideJournal::open(files, "journal", clock_, stops))->record(real));
  const std::string good = *read_file(files, "journal");
  for (const auto& [from, bytes, told] :
       {std::tuple{OverrideJournal::kSlotBytes, good.size() - OverrideJournal::kSlotBytes,
                   "damaged at 255 slots, the first is 1; started stopped"},
        {OverrideJournal::kSlotBytes * 7, std::size_t{1}, "damaged at slot 7; started stopped"}}) {
    std::string bad = good;
    bad.replace(from, bytes, bytes, '\xa5');
    ASSERT_TRUE(write_file(files, "journal", bad));
    stops.clear();
    auto journal = *OverrideJournal::open(files, "journal", clock_, stops);
    ASSERT_EQ(stops.size(), 2u) << told;
    EXPECT_EQ(stops[0].id, real.id);
    EXPECT_EQ(stops[1].scope.text(), "all");
    EXPECT_TRUE(OverrideJournal::is_damage(stops[1]));
    EXPECT_NE(stops[1].reason.find(told), std::string::npos) << stops[1].reason;
    ASSERT_TRUE(journal->erase(stops[1].id));
    stops.clear();
    journal = *OverrideJournal::open(files, "journal", clock_, stops);
    ASSERT_EQ(stops.size(), 1u) << "one lift frees them all";
    EXPECT_EQ(*read_file(files, "journal"), good);
  }
}

}  // namespace
}  // namespace pawl::override_
