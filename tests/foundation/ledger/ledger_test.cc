#include "foundation/ledger/ledger.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/tiles.h"
#include "foundation/ledger/tlog_proof.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

// Appends entries [first, last) at once and waits for all.
void append_many(Ledger& ledger, std::uint64_t first, std::uint64_t last) {
  Waiter waiter;
  for (std::uint64_t i = first; i < last; ++i) {
    ledger.append_entry({"entry " + std::to_string(i), test_id(i), false},
                        [&waiter, i](Result<EntryRef> ref) {
                          EXPECT_TRUE(ref && ref->index == i) << i;
                          waiter.arrive();
                        });
  }
  waiter.wait(last - first);
}

void expect_receipt(const Ledger& ledger, std::uint64_t index) {
  const std::string entry = *ledger.entry(index);
  EXPECT_EQ(entry, "entry " + std::to_string(index));
  Result<std::string> text = ledger.receipt(index);
  ASSERT_TRUE(text) << text.error().message;
  const TlogProof proof = *parse_proof(*text);
  EXPECT_EQ(proof.index, index);
  Result<TreeHead> head = open_checkpoint(proof.checkpoint, *VerifierKey::parse(LedgerRig::vkey()));
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_TRUE(check_inclusion(hash_leaf(entry), index, head->size, proof.path, head->root));
}

TEST(Ledger, AcknowledgesInOrderAndProvesEveryEntry) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  append_many(*ledger, 0, 700);
  EXPECT_EQ(ledger->size(), 700u);
  EXPECT_EQ(ledger->latest().size, 700u);
  for (std::uint64_t index : {0u, 1u, 255u, 256u, 511u, 512u, 699u}) {
    expect_receipt(*ledger, index);
  }
  EXPECT_EQ(ledger->entry(700).error().code, Code::kNotFound);
  EXPECT_EQ(ledger->receipt(700).error().code, Code::kNotFound);
  EXPECT_EQ(ledger->stats().entries, 700u);
  EXPECT_TRUE(ledger->writable());
}

// A start on a full disk said that the segments do not give an entry bundle: it could not be
// stored.
TEST(Ledger, GivesTilesAndEntriesOnAFullDisk) {
  FaultFiles files;
  LedgerRig rig;
  append_many(**rig.open(files), 0, 600);
  for (const std::string path : {"ledger/tile/0/000", "ledger/tile/0/001",
                                 "ledger/tile/entries/000", "ledger/tile/entries/001"}) {
    static_cast<void>(files.remove(path));
  }
  files.set_full(true);
  auto ledger = rig.open(files);
  ASSERT_TRUE(ledger) << ledger.error().message;
  EXPECT_EQ((*ledger)->entry(3).value(), "entry 3");
  EXPECT_EQ(parse_bundle(*(*ledger)->resource("tile/entries/001"))->at(44), "entry 300");
  EXPECT_TRUE((*ledger)->receipt(300));
}

TEST(Ledger, ServesTilesOfTheSpecification) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  append_many(*ledger, 0, 600);
  std::vector<Digest> leaves;
  for (int i = 0; i < 600; ++i) {
    leaves.push_back(hash_leaf("entry " + std::to_string(i)));
  }
  const auto slice = [&](std::size_t begin, std::size_t end) {
    return print_hashes({leaves.begin() + begin, leaves.begin() + end});
  };
  EXPECT_EQ(*ledger->resource("tile/0/000"), slice(0, 256));
  EXPECT_EQ(*ledger->resource("tile/0/001"), slice(256, 512));
  EXPECT_EQ(*ledger->resource("tile/0/002.p/88"), slice(512, 600));
  EXPECT_EQ(*ledger->resource("tile/0/002.p/5"), slice(512, 517));
  EXPECT_EQ(*ledger->resource("tile/0/000.p/5"), slice(0, 5));
  const Digest first = root_of({leaves.begin(), leaves.begin() + 256});
  const Digest second = root_of({leaves.begin() + 256, leaves.begin() + 512});
  EXPECT_EQ(*ledger->resource("tile/1/000.p/2"), print_hashes({first, second}));
  EXPECT_EQ(parse_bundle(*ledger->resource("tile/entries/001"))->at(44), "entry 300");
  EXPECT_EQ(parse_bundle(*ledger->resource("tile/entries/002.p/88"))->size(), 88u);
  for (std::string_view path : {"tile/0/002", "tile/0/002.p/89", "tile/0/003.p/1", "tile/1/000",
                                "tile/2/000.p/1", "tile/0/0", "tile/00/000", "tile/0/x000/000",
                                "tile/0/000.p/0", "tile/0/000.p/256", "tile/64/000", "tile/63/000",
                                "tile/entries/003.p/1", "tile/", "", "../keys", "tile/0/000/"}) {
    Result<std::string> found = ledger->resource(path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().code, Code::kNotFound) << path;
  }
}

TEST(Ledger, ReopensWithEverythingAndOpenIntents) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    EXPECT_TRUE(append_intent_sync(*ledger, 1000));
    append_many(*ledger, 0, 300);
    EXPECT_TRUE(append_intent_sync(*ledger, 1001));
    EXPECT_TRUE(append_entry_sync(*ledger, 1000, "entry 300", true));
    EXPECT_TRUE(append_intent_sync(*ledger, 1002));
  }
  EXPECT_TRUE(files.contents("ledger/checkpoint"));
  auto ledger = *rig.open(files);
  EXPECT_EQ(rig.recovery.size, 301u);
  EXPECT_EQ(rig.recovery.torn_bytes, 0u);
  EXPECT_EQ(rig.recovery.replayed, 301u);
  EXPECT_EQ(rig.applied.size(), 301u);
  EXPECT_EQ(rig.applied[299], "entry 299");
  ASSERT_EQ(rig.recovery.open_intents.size(), 2u);
  EXPECT_EQ(rig.recovery.open_intents[0].id, test_id(1001));
  EXPECT_EQ(rig.recovery.open_intents[1].id, test_id(1002));
  EXPECT_EQ(rig.recovery.open_intents[1].body, R"({"n":1002})");
  append_many(*ledger, 301, 400);
  expect_receipt(*ledger, 20);
  expect_receipt(*ledger, 399);
}

TEST(Ledger, DerivedFilesAreMadeAgainWhenMissingOrDamaged) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    append_many(*ledger, 0, 1100);
  }
  ASSERT_TRUE(files.contents("ledger/tile/0/000"));
  auto ledger = *rig.open(files);
  // Bundles repeat what the segments hold: they are there only when somebody asked.
  EXPECT_FALSE(files.contents("ledger/tile/entries/001"));
  for (std::uint64_t index : {300u, 800u}) {
    expect_receipt(*ledger, index);
  }
  const std::string tile = *files.contents("ledger/tile/0/000");
  const std::string bundle = *files.contents("ledger/tile/entries/001");
  files.put("ledger/tile/0/000", std::string(tile.size(), '\0'));
  files.put("ledger/tile/entries/001", bundle.substr(0, bundle.size() / 2));
  ASSERT_TRUE(files.remove("ledger/tile/0/003"));
  ASSERT_TRUE(files.remove("ledger/tile/entries/003"));
  for (std::uint64_t index : {3u, 300u, 800u, 1099u}) {
    expect_receipt(*ledger, index);
  }
  EXPECT_EQ(files.contents("ledger/tile/0/000"), tile);
  EXPECT_EQ(files.contents("ledger/tile/entries/001"), bundle);
}

TEST(Ledger, SnapshotShortensTheStart) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    EXPECT_TRUE(append_intent_sync(*ledger, 5000));
    append_many(*ledger, 0, 600);
    ledger->save_snapshot(580, {7, R"({"state":"of 580"})"});
  }
  {
    auto ledger = *rig.open(files, LedgerRig::log_key(), 7);
    EXPECT_TRUE(rig.recovery.from_snapshot);
    EXPECT_EQ(rig.loaded, R"({"state":"of 580"})");
    EXPECT_EQ(rig.recovery.size, 600u);
    EXPECT_EQ(rig.recovery.replayed, 20u);
    EXPECT_EQ(rig.applied.at(0), "entry 580");
    ASSERT_EQ(rig.recovery.open_intents.size(), 1u);
    append_many(*ledger, 600, 1300);
    expect_receipt(*ledger, 599);
    expect_receipt(*ledger, 10);
  }
  auto ledger = *rig.open(files, LedgerRig::log_key(), 7);
  EXPECT_TRUE(rig.recovery.from_snapshot);
  EXPECT_EQ(rig.recovery.replayed, 720u);
  EXPECT_EQ(rig.applied.back(), "entry 1299");
}

TEST(Ledger, SnapshotThatDoesNotFitIsDiscarded) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    append_many(*ledger, 0, 300);
    ledger->save_snapshot(300, {1, "state"});
  }
  const std::string snapshot = *files.contents("ledger/snapshot");
  std::string changed = snapshot;
  changed[changed.find("state") + 1] ^= 1;
  struct Case {
    std::string name, bytes;
    std::uint32_t fold_version;
    bool used;
  };
  const std::vector<Case> cases = {
      {"as it was", snapshot, 1, true},
      {"other fold version", snapshot, 2, false},
      {"changed byte", changed, 1, false},
      {"cut off", snapshot.substr(0, 100), 1, false},
      {"empty", "", 1, false},
      {"newer format", "pawl.snapshot/2" + snapshot.substr(15), 1, false},
  };
  for (const Case& c : cases) {
    files.put("ledger/snapshot", c.bytes);
    auto ledger = rig.open(files, LedgerRig::log_key(), c.fold_version);
    ASSERT_TRUE(ledger) << c.name << ": " << ledger.error().message;
    EXPECT_EQ(rig.recovery.from_snapshot, c.used) << c.name;
    EXPECT_EQ(rig.recovery.replayed, c.used ? 0u : 300u) << c.name;
    EXPECT_EQ((*ledger)->size(), 300u) << c.name;
  }
}

TEST(Ledger, RefusesWhatItCannotHold) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  struct Case {
    std::string name, token;
    Code code;
  };
  const std::vector<Case> cases = {{"empty", "", Code::kInvalidParams},
                                   {"NUL", std::string("a\0b", 3), Code::kInvalidParams},
                                   {"too large", std::string(65'536, 'x'), Code::kTooLarge}};
  for (const Case& c : cases) {
    Result<EntryRef> ref = append_entry_sync(*ledger, 1, c.token);
    ASSERT_FALSE(ref) << c.name;
    EXPECT_EQ(ref.error().code, c.code) << c.name;
  }
  EXPECT_TRUE(append_entry_sync(*ledger, 1, std::string(65'535, 'x')));
  EXPECT_EQ(ledger->size(), 1u);
}

TEST(Ledger, FullQueueRefusesAndLosesNothing) {
  // Before the ledger: its publisher still syncs when it is closed.
  Mutex mutex;
  CondVar changed;
  bool released = false;
  FaultFiles files;
  LedgerRig rig;
  rig.settings.max_queue = 4;
  auto ledger = *rig.open(files);
  files.set_hook([&](const FaultFiles::Call& call) {
    if (call.operation == FaultFiles::Operation::kSync) {
      MutexLock lock(mutex);
      while (!released) {
        changed.wait(mutex);
      }
    }
  });
  Waiter waiter;
  int durable = 0;
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    ledger->append_entry({"entry", test_id(i), false}, [&](Result<EntryRef> ref) {
      MutexLock lock(mutex);
      ++(ref ? durable : refused);
      EXPECT_TRUE(ref || ref.error().code == Code::kOverloaded);
      waiter.arrive();
    });
  }
  {
    MutexLock lock(mutex);
    released = true;
    changed.notify_all();
  }
  waiter.wait(20);
  EXPECT_GE(durable, 4);
  EXPECT_GE(refused, 1);
  EXPECT_EQ(ledger->size(), static_cast<std::uint64_t>(durable));
  EXPECT_EQ(ledger->stats().refused_full, static_cast<std::uint64_t>(refused));
}

TEST(Ledger, OneSyncAndOneCheckpointServeAllThatWaited) {
  FaultFiles files;
  LedgerRig rig;
  rig.settings.threads = false;
  auto ledger = *rig.open(files);
  std::uint64_t answered = 0;
  const auto append = [&](std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      ledger->append_entry({"entry", test_id(i), false}, [&](const Result<EntryRef>& ref) {
        ASSERT_TRUE(ref);
        EXPECT_GT(ledger->latest().size, ref->index);  // its checkpoint covers it
        ++answered;
      });
    }
  };
  const Ledger::Stats before = ledger->stats();
  append(0, 100);
  EXPECT_EQ(answered, 0u);
  ASSERT_TRUE(ledger->pump());
  EXPECT_EQ(answered, 100u);
  EXPECT_EQ(ledger->latest().size, 100u);
  append(100, 1);  // alone it waits for nobody
  ASSERT_TRUE(ledger->pump());
  EXPECT_EQ(answered, 101u);
  EXPECT_EQ(ledger->stats().batches - before.batches, 2u);
  EXPECT_EQ(ledger->stats().syncs - before.syncs, 2u);
}

TEST(Ledger, NearlyFullDiskStopsIntentsAndKeepsTheReserveForOutcomes) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  EXPECT_TRUE(append_intent_sync(*ledger, 1));
  files.set_free_bytes(1000);
  rig.clock.step(std::chrono::seconds(1));
  EXPECT_EQ(append_intent_sync(*ledger, 2).error().code, Code::kEvidenceUnavailable);
  EXPECT_FALSE(ledger->writable());
  EXPECT_EQ(ledger->closed_because(),
            "the disk of the ledger is nearly full (0 MiB free, 64 MiB are kept for what was "
            "begun)");
  EXPECT_TRUE(append_entry_sync(*ledger, 1, "outcome", true));
  files.set_free_bytes(std::uint64_t{1} << 40);
  rig.clock.step(std::chrono::seconds(1));
  EXPECT_TRUE(append_intent_sync(*ledger, 3));
  EXPECT_TRUE(ledger->writable());
}

TEST(Ledger, PublishesAtMostOncePerInterval) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    append_many(*ledger, 0, 3);
    append_many(*ledger, 3, 10);
    EXPECT_EQ(ledger->latest().size, 10u);
  }
  const VerifierKey key = *VerifierKey::parse(LedgerRig::vkey());
  EXPECT_EQ(open_checkpoint(*files.contents("ledger/checkpoint"), key)->size, 10u);
  EXPECT_EQ(*files.contents("ledger/log.vkey"), LedgerRig::vkey() + "\n");
}

TEST(Ledger, OpenRefusesAnotherLogsFolder) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    append_many(*ledger, 0, 3);
  }
  auto other_key = rig.open(files, *SigningKey::generate(KeyKind::kEd25519));
  ASSERT_FALSE(other_key);
  EXPECT_EQ(other_key.error().code, Code::kBadSignature);
  rig.settings.origin = "example.org/pawl/other";
  auto other_origin = rig.open(files);
  ASSERT_FALSE(other_origin);
  EXPECT_EQ(other_origin.error().code, Code::kConflict);
}

// On a core that it shares with the path, a writer that woke up first would sign for one call what
// it could have signed for many.
TEST(Ledger, TheWriterTakesNobodysCoreByWakingUp) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = rig.open(files);
  ASSERT_TRUE(ledger);
  ASSERT_TRUE(append_entry_sync(**ledger, 1, LedgerRig::token(1)));
  const int ours = ::getpriority(PRIO_PROCESS, 0);
  if (ours == 19) {
    GTEST_SKIP() << "there is no lower priority than that of this test";
  }
  int below = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const auto thread = static_cast<id_t>(std::stoi(task.path().filename()));
    below += ::getpriority(PRIO_PROCESS, thread) > ours ? 1 : 0;
  }
  EXPECT_EQ(below, 1);
}

}  // namespace
}  // namespace pawl::ledger
