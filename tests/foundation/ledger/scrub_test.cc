// The scrub reads everything again: whole logs pass at every slice size, and one flipped bit is
// found and named wherever it is.
#include "foundation/ledger/scrub.h"

#include <gtest/gtest.h>

#include "foundation/ledger/reader.h"
#include "foundation/ledger/recover.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

constexpr std::uint64_t kEntries = 600;  // two full bundles, several small segments

void fill(Ledger& ledger, std::uint64_t from, std::uint64_t count) {
  Waiter waiter;
  for (std::uint64_t i = from; i < from + count; ++i) {
    ledger.append_intent({test_id(i), "{}"}, [&](Status s) {
      EXPECT_TRUE(s);
      waiter.arrive();
    });
    ledger.append_entry({LedgerRig::token(i), test_id(i), true}, [&](Result<EntryRef> r) {
      EXPECT_TRUE(r);
      waiter.arrive();
    });
  }
  waiter.wait(2 * count);
}

Status run_to_end(ScrubPass& pass, std::size_t slice = 64 * 1024) {
  while (!pass.done()) {
    if (Result<std::size_t> read = pass.step(slice); !read) {
      return fail(read.error());
    }
  }
  return {};
}

// What one pass over a closed folder says.
Result<std::unique_ptr<ScrubPass>> scrub_closed(FaultFiles& files, Status& outcome) {
  auto pass = scrub_folder(files, "ledger");
  outcome = pass ? run_to_end(**pass) : Status(fail(pass.error()));
  return pass;
}

TEST(Scrub, FindsAWholeLogWholeInSlicesOfAnySize) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    fill(*ledger, 0, kEntries);
  }
  for (const std::size_t slice : {1u, 1000u, 64u * 1024u, 100u << 20}) {
    auto pass = *scrub_folder(files, "ledger");
    std::size_t slices = 0;
    while (!pass->done()) {
      Result<std::size_t> read = pass->step(slice);
      ASSERT_TRUE(read) << read.error().message;
      ++slices;
    }
    EXPECT_EQ(pass->at(), pass->end()) << slice;
    EXPECT_EQ(pass->at().size, kEntries) << slice;
    EXPECT_EQ(pass->repaired(), 0u) << slice;
    EXPECT_TRUE(slice > 1000 || slices >= pass->end().segment) << slice << ", " << slices;
  }
}

TEST(Scrub, NamesTheEntryWhoseBitFlippedWhereverItIs) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    fill(*ledger, 0, kEntries);
  }
  SeededRandom random(20261125);
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t index = random.below(kEntries);
    // Where the entry stands, found by its token in the segments.
    const std::string needle = LedgerRig::token(index).substr(0, 200);
    std::string token;
    Visitor visitor;
    visitor.entry = [&](std::uint64_t, std::string_view found) {
      token = found;
      return false;
    };
    ASSERT_TRUE(walk(files, "ledger", visitor, index));
    std::string path;
    std::size_t at = std::string::npos;
    for (std::uint64_t segment = 1; at == std::string::npos; ++segment) {
      path = segment_path("ledger", segment);
      const std::optional<std::string> bytes = files.contents(path);
      ASSERT_TRUE(bytes) << "entry " << index << " is in no segment";
      at = bytes->find(token);
    }
    const std::string whole = *files.contents(path);
    std::string flipped = whole;
    flipped[at + random.below(token.size())] ^= static_cast<char>(1 << random.below(8));
    files.put(path, flipped);

    Status outcome;
    auto pass = scrub_closed(files, outcome);
    ASSERT_FALSE(outcome) << "round " << round;
    EXPECT_EQ(outcome.error().code, Code::kBadSignature);
    const std::string named = "offset " + std::to_string(at - 16 - 32) + ":";
    if (!pass || (*pass)->damage()->file == "checkpoint") {  // in the segment that was written last
      EXPECT_NE(outcome.error().message.find(named), std::string::npos) << outcome.error().message;
    } else {
      const Damage& damage = *(*pass)->damage();
      EXPECT_EQ("ledger/" + damage.file, path);
      EXPECT_EQ(damage.offset, at - 16 - 32);  // of the frame: header, id, token
      EXPECT_EQ(damage.index, index);
      EXPECT_EQ(damage.id, test_id(index).text());
    }
    files.put(path, whole);
  }
  Status outcome;
  scrub_closed(files, outcome);
  EXPECT_TRUE(outcome);
}

struct Spoiled {
  const char* name;
  std::function<void(FaultFiles&)> spoil;
  const char* named;  // in the damage; empty: healed, not damage
};

void flip(FaultFiles& files, const std::string& path, std::size_t at) {
  std::string bytes = *files.contents(path);
  bytes[at < bytes.size() ? at : bytes.size() - 1] ^= 1;
  files.put(path, bytes);
}

TEST(Scrub, TellsWhatIsDamageFromWhatTheSegmentsHeal) {
  const std::string first = segment_path("ledger", 1);
  const std::vector<Spoiled> table = {
      {"segment header", [&](FaultFiles& f) { flip(f, first, 9); },
       "segments/000000000001.seg offset 0"},
      {"segment cut short",
       [&](FaultFiles& f) { f.put(first, f.contents(first)->substr(0, 5000)); },
       "segments/000000000001.seg offset"},
      {"bytes behind the last batch",
       [&](FaultFiles& f) { f.put(first, *f.contents(first) + std::string(100, '\0') + "x"); },
       "bytes behind the last batch"},
      {"segment missing", [&](FaultFiles& f) { EXPECT_TRUE(f.remove(segment_path("ledger", 2))); },
       "missing"},
      {"published checkpoint", [](FaultFiles& f) { flip(f, "ledger/checkpoint", 40); },
       "checkpoint"},
      {"snapshot", [](FaultFiles& f) { flip(f, "ledger/snapshot", 40); }, ""},
      {"tile", [](FaultFiles& f) { flip(f, "ledger/tile/0/000", 40); }, ""},
      {"bundle", [](FaultFiles& f) { flip(f, "ledger/tile/entries/001", 4000); }, ""},
      {"tile missing", [](FaultFiles& f) { EXPECT_TRUE(f.remove("ledger/tile/0/001")); }, ""},
  };
  for (const Spoiled& row : table) {
    FaultFiles files;
    LedgerRig rig;
    auto ledger = *rig.open(files);
    fill(*ledger, 0, kEntries);
    ledger->save_snapshot(kEntries, {1, "state"});
    ledger.reset();
    ledger = *rig.open(files);  // checkpoint and snapshot are written
    ASSERT_TRUE(ledger->resource("tile/entries/001"));
    ledger.reset();
    row.spoil(files);
    Status outcome;
    auto made = scrub_closed(files, outcome);
    if (*row.named != '\0') {
      ASSERT_FALSE(outcome) << row.name;
      EXPECT_EQ(outcome.error().code, Code::kBadSignature) << row.name;
      EXPECT_NE(outcome.error().message.find(row.named), std::string::npos)
          << row.name << ": " << outcome.error().message;
      continue;
    }
    ASSERT_TRUE(outcome) << row.name << ": " << outcome.error().message;
    auto pass = *std::move(made);
    EXPECT_EQ(pass->repaired() + (pass->snapshot_damaged() ? 1 : 0), 1u) << row.name;
    auto again = scrub_closed(files, outcome);
    EXPECT_TRUE(outcome) << row.name;
    EXPECT_EQ((*again)->repaired(), 0u) << row.name;
  }
}

TEST(Scrub, ADiskThatCannotReadIsDamageAndAFileThatCannotBeOpenedProvesNothing) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    fill(*ledger, 0, kEntries);
  }
  auto reads = *scrub_folder(files, "ledger");
  files.fail_call(FaultFiles::Operation::kRead, 2, FaultFiles::Fault::kIo);  // after checkpoint
  Status outcome = run_to_end(*reads);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kBadSignature);
  EXPECT_NE(reads->damage()->what.find("cannot be read"), std::string::npos);

  auto opens = *scrub_folder(files, "ledger");
  files.fail_call(FaultFiles::Operation::kOpen, 4, FaultFiles::Fault::kIo);  // of the segment
  outcome = run_to_end(*opens);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kIo);
  EXPECT_FALSE(opens->damage());
}

TEST(Scrub, AnEmptyLogIsWhole) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  ledger.reset();
  Status outcome;
  scrub_closed(files, outcome);
  EXPECT_TRUE(outcome);
}

TEST(Scrub, GoesOnBesideTheWriterOfARunningLedger) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  fill(*ledger, 0, kEntries);
  for (const std::size_t slice : {1000u, 64u * 1024u}) {
    auto pass = ledger->scrub();
    std::uint64_t next = ledger->size();
    for (std::size_t slices = 1; !pass->done(); ++slices) {
      Result<std::size_t> read = pass->step(slice);
      ASSERT_TRUE(read) << read.error().message;
      if (slices % 3 == 0) {
        fill(*ledger, next++, 1);
      }
    }
    EXPECT_EQ(pass->at(), pass->end()) << slice;
    EXPECT_GE(pass->at().size, kEntries) << slice;
    EXPECT_EQ(pass->repaired(), 0u) << slice;
  }
}

// The tree in memory is right, and the disk is not.
TEST(Scrub, OfARunningLedgerNamesWhatRottedSinceItWasWritten) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  EXPECT_TRUE(run_to_end(*ledger->scrub()));  // also an empty one
  fill(*ledger, 0, 3);
  flip(files, segment_path("ledger", 1), 1000);
  auto pass = ledger->scrub();
  ASSERT_FALSE(run_to_end(*pass));
  EXPECT_EQ(pass->damage()->file, "segments/000000000001.seg");
}

TEST(Ledger, AHeldLedgerRefusesIntentsAndGoesOnRecordingOutcomes) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  EXPECT_TRUE(append_intent_sync(*ledger, 1));
  ledger->hold("damage in segment 3");
  EXPECT_EQ(ledger->closed_because(), "damage in segment 3");
  const Status refused = append_intent_sync(*ledger, 2);
  EXPECT_EQ(refused.error().code, Code::kEvidenceUnavailable);
  EXPECT_EQ(refused.error().message, "damage in segment 3");
  EXPECT_TRUE(append_entry_sync(*ledger, 1, "outcome", true));
  ledger->release();
  EXPECT_EQ(ledger->closed_because(), "");
  EXPECT_TRUE(append_intent_sync(*ledger, 3));
}

}  // namespace
}  // namespace pawl::ledger
