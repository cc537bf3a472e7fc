// Somebody else's log, followed: each thing that a look can find, lies of the server, restarts, and
// that no history is taken for another one's.
#include "foundation/ledger/followed_log.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/foundation/ledger/served_log.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl::ledger {
namespace {

using Found = Look::Found;

constexpr const char* kState = "home/state/monitor";

// ---- tiles ----

TEST(RemoteLog, GivesTheTreesHashesFromAFewTiles) {
  SeededRandom random(7);
  ServedLog log(*SigningKey::generate(KeyKind::kEd25519));
  log.grow(70'000);
  for (const bool has_partial_tiles : {true, false}) {
    log.has_partial_tiles = has_partial_tiles;
    for (int round = 0; round < 40; ++round) {
      // Without partial tiles only what is full is there: a tree that ends where tiles do.
      const std::uint64_t size = has_partial_tiles ? 2 + random.below(69'999) : 65'536;
      const std::uint64_t older = 1 + random.below(size - 1);
      log.asked.clear();
      RemoteLog tree(log.get(), size);
      const Result<Proof> proof = prove_consistency(tree, older, size);
      ASSERT_TRUE(proof) << older << " of " << size << ": " << proof.error().message;
      EXPECT_TRUE(check_consistency(older, log.root(older), size, log.root(size), *proof));
      if (has_partial_tiles) {
        EXPECT_EQ(*root_at(tree, size), log.root(size));
      }
      EXPECT_LE(log.asked.size(), 2u * 3 + 2) << "at most two of each level";
    }
  }
}

TEST(RemoteLog, APartialTileThatIsGoneIsFullNow) {
  ServedLog log(*SigningKey::generate(KeyKind::kEd25519));
  log.grow(600);
  log.lies = {{"tile/0/000.p/7", fail(Code::kNotFound, "gone")}};
  RemoteLog tree(log.get(), 7);
  EXPECT_EQ(*root_at(tree, 7), log.root(7));
  EXPECT_EQ(log.asked, (std::vector<std::string>{"tile/0/000.p/7", "tile/0/000"}));
}

TEST(RemoteLog, WhatIsNoTileIsRefused) {
  ServedLog log(*SigningKey::generate(KeyKind::kEd25519));
  log.grow(300);
  for (const std::string& lie :
       {std::string(), std::string(31, 'x'), std::string(32, 'x'), std::string(8192, 'x')}) {
    log.lies.insert_or_assign("tile/0/001.p/44", lie);
    RemoteLog tree(log.get(), 300);
    EXPECT_EQ(tree.node(0, 299).error().code, Code::kMalformed) << lie.size();
  }
  log.lies.clear();
  RemoteLog tree(log.get(), 300);
  for (const auto& [height, index] :
       std::vector<std::pair<unsigned, std::uint64_t>>{{0, 300}, {2, 75}, {9, 0}, {64, 0}}) {
    EXPECT_EQ(tree.node(height, index).error().code, Code::kInvalidParams) << height;
  }
  EXPECT_EQ(*tree.node(2, 74), *log.node(2, 74));
  EXPECT_EQ(*tree.node(8, 0), *log.node(8, 0));
}

// ---- a log that is followed ----

struct Followed : testing::Test {
  Followed() { trust.log_vkey = log.vkey(); }
  void pin(std::uint64_t size, bool with_note = true) {
    trust.pinned_size = size;
    trust.pinned_root = base64_encode(view(log.root(size)));
    trust.pinned_note = with_note ? log.checkpoint(size) : "";
  }
  // Each look is of a new process.
  Look look(ServedLog& shown) {
    Result<FollowedLog> followed = FollowedLog::open(*files, kState, trust);
    return followed ? followed->look(shown.get())
                    : Look{Found::kUnclear, {}, "", followed.error().message, ""};
  }
  ServedLog fork_at(std::uint64_t kept, std::uint64_t size) {
    ServedLog fork = log;
    fork.cut_to(kept);
    fork.grow(size - kept, "other");
    return fork;
  }
  // What others say of the evidence.
  Result<Contradiction> proven(const std::string& path) {
    const Result<Equivocation> evidence = parse_equivocation(files->contents(path).value_or(""));
    return evidence ? check_equivocation(*evidence, log.key()) : fail(evidence.error());
  }

  const SigningKey key = *SigningKey::generate(KeyKind::kEd25519);
  ServedLog log{key, "example.org/pawl/gw1"};
  Trust trust;
  std::unique_ptr<FaultFiles> files = std::make_unique<FaultFiles>();
};

TEST_F(Followed, AnHonestLogGrowsAndIsKnownAgain) {
  log.grow(5);
  Look found = look(log);
  EXPECT_EQ(found.found, Found::kFirst) << found.why;
  EXPECT_EQ(verdict_of(found.found), Verdict::kUnknown) << "nothing to compare it with";
  EXPECT_EQ(look(log).found, Found::kSame);
  for (const std::uint64_t more : {1, 1, 1, 249, 1, 700, 64'000}) {
    log.grow(more);
    found = look(log);
    EXPECT_EQ(found.found, Found::kGrew) << log.size() << ": " << found.why;
    EXPECT_EQ(found.head.size, log.size());
    EXPECT_EQ(look(log).found, Found::kSame);
  }
  EXPECT_EQ(files->contents(std::string(kState) + "/1.head"), log.checkpoint(log.size()));
}

TEST_F(Followed, APinIsWhatTheFirstLookIsComparedWith) {
  log.grow(9);
  pin(5);
  EXPECT_EQ(look(log).found, Found::kGrew);
  pin(9);
  EXPECT_EQ(look(log).found, Found::kSame);
  ServedLog fork = fork_at(3, 20);
  files = std::make_unique<FaultFiles>();
  const Look found = look(fork);
  EXPECT_EQ(found.found, Found::kForked) << found.why;
  EXPECT_EQ(proven(found.evidence)->older_size, 9u);
}

TEST_F(Followed, APinWithoutItsSignatureProvesNothingToOthers) {
  log.grow(9);
  pin(9, false);
  for (const std::uint64_t size : {9, 20}) {
    ServedLog fork = fork_at(3, size);
    const Look found = look(fork);
    EXPECT_EQ(found.found, Found::kForked);
    EXPECT_EQ(found.evidence, "");
    EXPECT_NE(found.why.find("no signature"), std::string::npos) << found.why;
  }
}

TEST_F(Followed, AForkIsFoundAndStaysFound) {
  log.grow(300);
  look(log);
  struct Row {
    const char* name;
    std::uint64_t kept, size;
  };
  for (const Row& row : {Row{"the same size", 200, 300}, Row{"longer", 200, 1000},
                         Row{"longer, all other", 0, 301}, Row{"one longer", 299, 301}}) {
    auto before = std::exchange(files, std::make_unique<FaultFiles>());
    look(log);
    ServedLog fork = fork_at(row.kept, row.size);
    const Look found = look(fork);
    EXPECT_EQ(found.found, Found::kForked) << row.name << ": " << found.why;
    ASSERT_TRUE(proven(found.evidence)) << row.name;
    EXPECT_EQ(proven(found.evidence)->newer_size, row.size) << row.name;
    // It shows the right one again: what was proven stays true.
    log.asked.clear();
    const Look later = look(log);
    EXPECT_EQ(later.found, Found::kForked) << row.name;
    EXPECT_EQ(later.evidence, found.evidence) << row.name;
    ASSERT_TRUE(files->remove(found.evidence));
    EXPECT_EQ(look(log).found, Found::kSame) << row.name << ": a person moved it away";
    files = std::move(before);
  }
}

TEST_F(Followed, AnOlderHeadIsNoLossWhileTheLogShowsTheRest) {
  log.grow(300);
  look(log);
  log.shown = 7;
  const Look older = look(log);
  EXPECT_EQ(older.found, Found::kOlder) << older.why;
  EXPECT_EQ(verdict_of(older.found), Verdict::kUnknown);
  log.shown = 0;
  EXPECT_EQ(look(log).found, Found::kOlder);
  log.shown.reset();
  EXPECT_EQ(look(log).found, Found::kSame) << "the newest head was not forgotten";
}

TEST_F(Followed, ALogThatShrankIsBadAndThenProven) {
  log.grow(300);
  look(log);
  for (const std::uint64_t size : {299, 7, 0}) {
    ServedLog cut = log;
    cut.cut_to(size);
    const Look found = look(cut);
    EXPECT_EQ(found.found, Found::kShrank) << size << ": " << found.why;
    EXPECT_EQ(verdict_of(found.found), Verdict::kBad);
    EXPECT_EQ(found.evidence, "") << "an older head contradicts nothing";
  }
  ServedLog other = fork_at(100, 200);
  EXPECT_EQ(look(other).found, Found::kShrank) << "its tiles end before";
  other.grow(200, "other");
  const Look found = look(other);
  EXPECT_EQ(found.found, Found::kForked) << "it grew past what was seen";
  EXPECT_TRUE(proven(found.evidence));
}

// The server has the right tiles of the larger tree, and signed a smaller one of another history.
TEST_F(Followed, AnOlderHeadOfAnotherHistoryIsProvenByTheTilesThatAreThere) {
  log.grow(300);
  look(log);
  ServedLog fork = fork_at(3, 200);
  log.lies.insert_or_assign("checkpoint", fork.checkpoint(200));
  const Look found = look(log);
  EXPECT_EQ(found.found, Found::kForked) << found.why;
  EXPECT_EQ(proven(found.evidence)->older_size, 200u);
}

TEST_F(Followed, ALyingServerProvesNothing) {
  log.grow(300);
  look(log);
  log.grow(300);
  ServedLog forged(*SigningKey::generate(KeyKind::kEd25519), "example.org/pawl/gw1");
  ServedLog stranger(key, "example.org/pawl/other");
  for (ServedLog* other : {&forged, &stranger}) {
    other->grow(700, "other");
  }
  std::string tile = *log.get()("tile/0/002.p/88");
  tile[40] = static_cast<char>(tile[40] ^ 1);
  const std::string note = log.checkpoint(600);
  const std::vector<std::pair<std::string, std::map<std::string, Result<std::string>>>> lies = {
      {"not reached", {{"checkpoint", fail(Code::kUpstreamUnavailable, "refused")}}},
      {"no checkpoint", {{"checkpoint", fail(Code::kNotFound, "404")}}},
      {"no note", {{"checkpoint", std::string("hello")}}},
      {"by another key", {{"checkpoint", forged.checkpoint(700)}}},
      {"of another log", {{"checkpoint", stranger.checkpoint(700)}}},
      {"another size", {{"checkpoint", std::string(note).replace(note.find("600"), 3, "601")}}},
      {"no tree", {{"checkpoint", log.checkpoint_of(600, forged.root(600))}}},
      {"size 0 of something", {{"checkpoint", log.checkpoint_of(0, forged.root(600))}}},
      {"an altered tile", {{"tile/0/002.p/88", tile}}},
      {"no tile", {{"tile/0/002.p/88", fail(Code::kNotFound, "404")}}},
      {"a broken tile", {{"tile/0/002.p/88", fail(Code::kTooLarge, "too large")}}},
      {"a slow tile", {{"tile/0/002.p/88", fail(Code::kDeadlineExceeded, "too slow")}}}};
  for (const auto& [name, answers] : lies) {
    log.lies = answers;
    const Look found = look(log);
    EXPECT_EQ(found.found, Found::kUnclear) << name << ": " << found_name(found.found);
    EXPECT_FALSE(found.why.empty()) << name;
    EXPECT_EQ(read_checkpoint(*files->contents(std::string(kState) + "/1.head"))->size, 300u)
        << name << ": nothing of it is kept";
  }
  log.lies.clear();
  EXPECT_EQ(look(log).found, Found::kGrew);
}

TEST_F(Followed, ARenewedLogIsToldAndThenFollowed) {
  log.grow(30);
  look(log);
  ServedLog next(key, "example.org/pawl/gw1/2");
  next.grow(3);
  const Look found = look(next);
  EXPECT_EQ(found.found, Found::kRenewed) << found.why;
  EXPECT_EQ(verdict_of(found.found), Verdict::kUnknown);
  next.grow(5);
  EXPECT_EQ(look(next).found, Found::kGrew);
  EXPECT_EQ(look(log).found, Found::kShrank) << "the log before is shown again";
  ServedLog fork(key, "example.org/pawl/gw1/2");
  fork.grow(8, "other");
  EXPECT_EQ(look(fork).found, Found::kForked);
}

TEST_F(Followed, AKeptHeadThatIsNoneIsForPeople) {
  log.grow(30);
  look(log);
  const std::string path = std::string(kState) + "/1.head";
  const std::string good = *files->contents(path);
  ServedLog stranger(key, "example.org/pawl/other");
  stranger.grow(3);
  for (const std::string& bad :
       {std::string(), std::string("x"), good.substr(0, good.size() - 9), stranger.checkpoint(3)}) {
    files->put(path, bad);
    const Look found = look(log);
    EXPECT_EQ(found.found, Found::kUnclear);
    EXPECT_NE(found.why.find(path), std::string::npos) << found.why;
    EXPECT_EQ(files->contents(path), bad) << "it is not begun anew";
  }
  files->put(path, good);
  EXPECT_EQ(look(log).found, Found::kSame);
}

TEST_F(Followed, TwoDoNotFollowWithOneFolder) {
  const Result<FollowedLog> first = FollowedLog::open(*files, kState, trust);
  ASSERT_TRUE(first);
  EXPECT_EQ(FollowedLog::open(*files, kState, trust).error().code, Code::kConflict);
}

TEST_F(Followed, AHeadThatCannotBeKeptIsNotGood) {
  log.grow(30);
  look(log);
  log.grow(1);
  files->set_full(true);
  EXPECT_EQ(look(log).found, Found::kUnclear);
  files->set_full(false);
  EXPECT_EQ(look(log).found, Found::kGrew);
}

// Whatever order heads of two histories come in: after one of the first, none of the second passes.
TEST_F(Followed, OfTwoHistoriesOneIsGood) {
  SeededRandom random(11);
  for (int round = 0; round < 20; ++round) {
    files = std::make_unique<FaultFiles>();
    ServedLog one(key, "example.org/pawl/gw1");
    const std::uint64_t kept = random.below(200);
    one.grow(400);
    ServedLog two = one;
    two.cut_to(kept);
    two.grow(400 - kept, "other");
    bool saw_one = false, saw_two = false;
    for (int step = 0; step < 8; ++step) {
      const bool is_one = random.below(2) == 0;
      ServedLog& shown = is_one ? one : two;
      shown.shown = 1 + random.below(400);
      const Look found = look(shown);
      const bool is_taken = found.found == Found::kSame || found.found == Found::kGrew ||
                            found.found == Found::kFirst;
      if (is_taken && *shown.shown > kept) {
        (is_one ? saw_one : saw_two) = true;
      }
    }
    EXPECT_FALSE(saw_one && saw_two) << "fork at " << kept;
  }
}

}  // namespace
}  // namespace pawl::ledger
