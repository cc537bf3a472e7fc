#include "foundation/ledger/in_flight.h"

#include <gtest/gtest.h>

#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

using Slot = InFlightJournal::Slot;
constexpr const char* kPath = "in_flight.journal";

Intent intent_of(std::uint64_t number, std::size_t bytes = 0) {
  return {test_id(number), "{\"n\":" + std::to_string(number) + "}" + std::string(bytes, ' ')};
}

std::unique_ptr<InFlightJournal> open(Files& files, std::vector<InFlightJournal::Found>& found) {
  found.clear();
  return *InFlightJournal::open(files, kPath, found);
}

std::vector<std::string> bodies(const std::vector<InFlightJournal::Found>& found) {
  std::vector<std::string> out;
  for (const InFlightJournal::Found& note : found) {
    out.push_back(note.intent.body + "@" + std::to_string(note.entries));
  }
  return out;
}

TEST(InFlightJournal, KeepsWhatIsOpenAndForgetsWhatWasReleased) {
  FaultFiles files;
  std::vector<InFlightJournal::Found> found;
  std::unique_ptr<InFlightJournal> journal = open(files, found);
  EXPECT_TRUE(found.empty());
  std::vector<Slot> slots;
  for (std::uint64_t n = 0; n < 3; ++n) {
    slots.push_back(*journal->note(intent_of(n), 7));
  }
  journal->release(slots[1]);
  journal->tick(9);
  open(files, found);
  EXPECT_EQ(bodies(found), (std::vector<std::string>{"{\"n\":0}@9", "{\"n\":2}@9"}));
}

TEST(InFlightJournal, GrowsAndTakesReleasedSlotsAgain) {
  FaultFiles files;
  std::vector<InFlightJournal::Found> found;
  std::unique_ptr<InFlightJournal> journal = open(files, found);
  std::vector<Slot> slots;
  for (std::uint64_t n = 0; n < InFlightJournal::kGrowSlots + 1; ++n) {
    slots.push_back(*journal->note(intent_of(n), 0));
  }
  const std::size_t size = files.contents(kPath)->size();
  EXPECT_EQ(size, 2 * InFlightJournal::kGrowSlots * InFlightJournal::kSlotBytes);
  for (const Slot slot : slots) {
    journal->release(slot);
  }
  for (std::uint64_t n = 0; n < 2 * InFlightJournal::kGrowSlots; ++n) {
    ASSERT_TRUE(journal->note(intent_of(n), 0));
  }
  EXPECT_EQ(files.contents(kPath)->size(), size);
}

TEST(InFlightJournal, RefusesWhatDoesNotFitAndWhatCannotBeWritten) {
  FaultFiles files;
  std::vector<InFlightJournal::Found> found;
  std::unique_ptr<InFlightJournal> journal = open(files, found);
  const auto most = InFlightJournal::kSlotBytes;
  EXPECT_EQ(journal->note(intent_of(1, most), 0).error().code, Code::kTooLarge);
  for (int call = 1; call <= 2; ++call) {  // growing, then the slot
    files.fail_call(FaultFiles::Operation::kWrite, call, FaultFiles::Fault::kNoSpace);
    EXPECT_FALSE(journal->note(intent_of(1), 0)) << call;
  }
  EXPECT_TRUE(journal->note(intent_of(1), 0));
}

TEST(InFlightJournal, DamagedSlotsAreNoNotes) {
  FaultFiles files;
  std::vector<InFlightJournal::Found> found;
  std::unique_ptr<InFlightJournal> journal = open(files, found);
  ASSERT_TRUE(journal->note(intent_of(1), 0));
  ASSERT_TRUE(journal->note(intent_of(2), 0));
  const std::string good = *files.contents(kPath);
  for (std::size_t byte = 0; byte < 56; ++byte) {  // the whole frame
    std::string bytes = good;
    bytes[byte] = static_cast<char>(bytes[byte] ^ 1);
    FaultFiles damaged;
    damaged.put(kPath, bytes);
    open(damaged, found);
    EXPECT_EQ(bodies(found), (std::vector<std::string>{"{\"n\":2}@0"})) << byte;
  }
}

TEST(InFlightJournal, ClearedFileHoldsNothing) {
  FaultFiles files;
  std::vector<InFlightJournal::Found> found;
  std::unique_ptr<InFlightJournal> journal = open(files, found);
  ASSERT_TRUE(journal->note(intent_of(1), 0));
  ASSERT_TRUE(journal->clear());
  ASSERT_TRUE(journal->note(intent_of(2), 0));
  open(files, found);
  EXPECT_EQ(bodies(found), (std::vector<std::string>{"{\"n\":2}@0"}));
}

// The entries of the next log are counted from 0, and a note of the old one must not come back.
TEST(InFlightJournal, BegunAnewItsNotesAreOfTheNextLogAlsoAfterAPowerCut) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    FaultFiles files;
    std::vector<InFlightJournal::Found> found;
    std::unique_ptr<InFlightJournal> journal = open(files, found);
    ASSERT_TRUE(files.sync_directory("."));
    const Slot ended = *journal->note(intent_of(1), 700);
    ASSERT_TRUE(journal->note(intent_of(2), 700));
    journal->release(ended);
    ASSERT_TRUE(journal->begin_anew());
    const std::unique_ptr<FaultFiles> after = files.power_cut(seed);
    open(*after, found);
    EXPECT_EQ(bodies(found), (std::vector<std::string>{"{\"n\":2}@0"})) << seed;
  }
}

TEST(InFlightJournal, BegunAnewSaysWhenANoteCouldNotBeWritten) {
  for (const auto operation : {FaultFiles::Operation::kWrite, FaultFiles::Operation::kSync}) {
    FaultFiles files;
    std::vector<InFlightJournal::Found> found;
    std::unique_ptr<InFlightJournal> journal = open(files, found);
    ASSERT_TRUE(journal->note(intent_of(1), 700));
    files.fail_call(operation, 1, FaultFiles::Fault::kIo);
    EXPECT_FALSE(journal->begin_anew()) << static_cast<int>(operation);
  }
}

// What an offline renewal leaves: the next log finds these notes, and none that the old one
// settled.
TEST(InFlightJournal, IsRewrittenForTheNextLog) {
  FaultFiles files;
  std::vector<InFlightJournal::Found> found;
  std::unique_ptr<InFlightJournal> journal = open(files, found);
  for (std::uint64_t n = 0; n < 3; ++n) {
    ASSERT_TRUE(journal->note(intent_of(n), 7));
  }
  journal.reset();
  ASSERT_TRUE(rewrite_notes(files, kPath, {intent_of(1), intent_of(2, 1800)}));
  const std::unique_ptr<FaultFiles> after = files.power_cut(1);
  journal = open(*after, found);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].intent.body, "{\"n\":1}");
  EXPECT_EQ(found[1].intent.id, test_id(2));
  EXPECT_EQ(found[0].entries, 0u);
  EXPECT_EQ(found[1].entries, 0u);
  journal.reset();
  ASSERT_TRUE(rewrite_notes(*after, kPath, {}));
  open(*after, found);
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace pawl::ledger
