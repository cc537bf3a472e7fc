// The power is cut, calls fail, bytes tear: what was acknowledged is there, and nothing else is
// claimed.
#include <gtest/gtest.h>

#include <set>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/segment.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

using Operation = FaultFiles::Operation;
using Fault = FaultFiles::Fault;

// What was promised before the power went.
struct Promised {
  std::vector<std::string> entries;  // acknowledged, by index
  std::set<std::uint64_t> intents;   // acknowledged and not closed by an acknowledged entry
  std::set<std::uint64_t> closing;   // an entry that closes it was tried
  bool opened = false;
};

// A fixed run: intents and entries in turn, a few at once, and a snapshot in the middle.
Promised run_until_failure(FaultFiles& files, LedgerRig& rig) {
  Promised promised;
  auto opened = rig.open(files);
  if (!opened) {
    return promised;
  }
  promised.opened = true;
  Ledger& ledger = **opened;
  for (std::uint64_t i = 0; i < 12; ++i) {
    if (append_intent_sync(ledger, i)) {
      promised.intents.insert(i);
    }
    if (i % 3 == 0) {
      continue;  // stays open
    }
    promised.closing.insert(i);
    const std::string token = "entry " + std::to_string(i) + std::string(1000, '.');
    Result<EntryRef> ref = append_entry_sync(ledger, i, token, true);
    if (ref) {
      EXPECT_EQ(ref->index, promised.entries.size());
      promised.entries.push_back(token);
      promised.intents.erase(i);
    }
    if (i == 6) {
      ledger.save_snapshot(ledger.size(), {1, "state"});
    }
  }
  return promised;
}

void expect_kept(FaultFiles& files, const Promised& promised, const std::string& when) {
  LedgerRig rig;
  auto opened = rig.open(files);
  ASSERT_TRUE(opened) << when << ": " << opened.error().message;
  Ledger& ledger = **opened;
  ASSERT_GE(ledger.size(), promised.entries.size()) << when;
  for (std::size_t i = 0; i < promised.entries.size(); ++i) {
    Result<std::string> entry = ledger.entry(i);
    ASSERT_TRUE(entry) << when << ": " << entry.error().message;
    EXPECT_EQ(*entry, promised.entries[i]) << when;
  }
  std::set<Uuid> open;
  for (const Intent& intent : rig.recovery.open_intents) {
    open.insert(intent.id);
  }
  for (std::uint64_t intent : promised.intents) {
    // An entry that was not acknowledged may have been written all the same.
    EXPECT_TRUE(open.contains(test_id(intent)) || promised.closing.contains(intent))
        << when << ": intent " << intent;
  }
  if (std::optional<std::string> note = files.contents("ledger/checkpoint")) {
    Result<TreeHead> head = open_checkpoint(*note, *VerifierKey::parse(LedgerRig::vkey()));
    ASSERT_TRUE(head) << when;
    EXPECT_LE(head->size, ledger.size()) << when;
  }
  // And it goes on.
  Result<EntryRef> next = append_entry_sync(ledger, 100, "after the cut");
  ASSERT_TRUE(next) << when << ": " << next.error().message;
  EXPECT_EQ(*ledger.entry(next->index), "after the cut") << when;
}

TEST(LedgerPowerCut, AtEveryCallKeepsWhatWasAcknowledged) {
  constexpr std::uint64_t kSeed = 4711;
  for (std::uint64_t call = 1;; ++call) {
    const std::string when = "call " + std::to_string(call) + ", seed " + std::to_string(kSeed);
    FaultFiles files;
    files.cut_power_at(call);
    LedgerRig rig;
    const Promised promised = run_until_failure(files, rig);
    for (std::uint64_t seed = kSeed; seed < kSeed + 3; ++seed) {
      std::unique_ptr<FaultFiles> after = files.power_cut(seed + call);
      expect_kept(*after, promised, when);
    }
    if (HasFatalFailure() || files.calls() < call) {
      EXPECT_GT(call, 60u);  // the run is not empty
      break;
    }
  }
}

TEST(LedgerPowerCut, AtEveryCallOfTheNextStart) {
  for (std::uint64_t call = 1;; ++call) {
    const std::string when = "call " + std::to_string(call) + " of the second start";
    FaultFiles first;
    LedgerRig rig;
    first.cut_power_at(150);
    const Promised promised = run_until_failure(first, rig);
    std::unique_ptr<FaultFiles> second = first.power_cut(call);
    second->cut_power_at(call);
    { auto opened = rig.open(*second); }
    const bool reached = second->calls() >= call;
    std::unique_ptr<FaultFiles> third = second->power_cut(call + 1);
    expect_kept(*third, promised, when);
    if (HasFatalFailure() || !reached) {
      break;
    }
  }
}

TEST(LedgerPowerCut, KillWithoutPowerCutKeepsEverything) {
  FaultFiles files;
  LedgerRig rig;
  const Promised promised = run_until_failure(files, rig);
  ASSERT_EQ(promised.entries.size(), 8u);
  expect_kept(files, promised, "kill");
}

TEST(LedgerFaults, AFailedCallAcknowledgesNothingFromThenOn) {
  struct Case {
    std::string name;
    Operation operation;
    Fault fault;
  };
  const std::vector<Case> cases = {
      {"sync fails", Operation::kSync, Fault::kIo},
      {"write fails", Operation::kWrite, Fault::kIo},
      {"disk full", Operation::kWrite, Fault::kNoSpace},
      {"short write", Operation::kWrite, Fault::kShortWrite},
  };
  for (const Case& c : cases) {
    FaultFiles files;
    LedgerRig rig;
    rig.settings.publish_every = std::chrono::hours(1);
    std::uint64_t acknowledged = 0;
    {
      auto ledger = *rig.open(files);
      EXPECT_TRUE(append_entry_sync(*ledger, 0, "before")) << c.name;
      // The one publication of this hour is over before the fault is armed.
      while (!files.contents("ledger/checkpoint")) {
        EXPECT_TRUE(append_entry_sync(*ledger, 0, "before")) << c.name;
      }
      acknowledged = ledger->size();
      files.fail_call(c.operation, 1, c.fault);
      Result<EntryRef> failed = append_entry_sync(*ledger, 1, "lost");
      ASSERT_FALSE(failed) << c.name;
      EXPECT_EQ(failed.error().code, Code::kEvidenceUnavailable) << c.name;
      EXPECT_FALSE(ledger->writable()) << c.name;
      EXPECT_EQ(ledger->size(), acknowledged) << c.name;
      EXPECT_EQ(ledger->latest().size, acknowledged) << c.name;
      // The fault is over, and still nothing is acknowledged.
      EXPECT_EQ(append_entry_sync(*ledger, 2, "later").error().code, Code::kEvidenceUnavailable);
      EXPECT_EQ(append_intent_sync(*ledger, 3).error().code, Code::kEvidenceUnavailable);
      EXPECT_EQ(*ledger->entry(0), "before") << c.name;
      EXPECT_GE(ledger->stats().failed, 3u) << c.name;
    }
    auto again = rig.open(files);
    ASSERT_TRUE(again) << c.name << ": " << again.error().message;
    EXPECT_GE((*again)->size(), acknowledged) << c.name;
    EXPECT_TRUE(append_entry_sync(**again, 4, "after")) << c.name;
  }
}

// Every way to cut the last batch short is a torn tail, and a whole batch is not.
TEST(LedgerTornTail, AtEveryByteOfTheLastBatch) {
  FaultFiles files;
  LedgerRig rig;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  {
    auto ledger = *rig.open(files);
    EXPECT_TRUE(append_entry_sync(*ledger, 0, "kept"));
    begin = ledger->stats().bytes + kSegmentHeader;
    EXPECT_TRUE(append_entry_sync(*ledger, 1, "the last"));
    end = ledger->stats().bytes + kSegmentHeader;
  }
  const std::string path = "ledger/segments/000000000001.seg";
  const std::string whole = *files.contents(path);
  for (std::uint64_t kept = begin; kept <= end; ++kept) {
    for (bool zeros_behind : {true, false}) {
      std::string torn = whole.substr(0, kept);
      if (zeros_behind) {
        torn.resize(whole.size(), '\0');
      }
      const bool is_whole =
          zeros_behind ? torn.substr(0, end) == whole.substr(0, end) : kept == end;
      FaultFiles after;
      after.put(path, torn);
      std::uint64_t entries = 0;
      Visitor visitor;
      visitor.entry = [&](std::uint64_t, std::string_view) { return ++entries > 0; };
      ASSERT_TRUE(walk(after, "ledger", visitor)) << kept;
      EXPECT_EQ(entries, is_whole ? 2u : 1u) << kept;
      auto opened = rig.open(after);
      ASSERT_TRUE(opened) << kept << ": " << opened.error().message;
      EXPECT_EQ((*opened)->size(), entries) << kept;
      EXPECT_EQ(rig.recovery.torn_bytes > 0, !is_whole && kept > begin) << kept;
      ASSERT_TRUE(append_entry_sync(**opened, 9, "next")) << kept;
      opened->reset();
      ASSERT_TRUE(rig.open(after)) << kept;
      EXPECT_EQ(rig.recovery.size, entries + 1) << kept;
      EXPECT_EQ(rig.recovery.torn_bytes, 0u) << kept;
    }
  }
}

TEST(LedgerTornTail, DamageBeforeALaterBatchIsNotATornTail) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    for (std::uint64_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(append_entry_sync(*ledger, i, "entry"));
    }
  }
  ASSERT_TRUE(files.remove("ledger/checkpoint"));
  const std::string path = "ledger/segments/000000000001.seg";
  std::string bytes = *files.contents(path);
  bytes[kSegmentHeader + 50] ^= 1;
  files.put(path, bytes);
  auto opened = rig.open(files);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kBadSignature);
  EXPECT_NE(opened.error().message.find("segment 000000000001.seg offset 64: "), std::string::npos)
      << opened.error().message;
}

}  // namespace
}  // namespace pawl::ledger
