// Evidence of two histories: the table that another implementation made, any fork of any log, and
// what a folder keeps of it.
#include "foundation/ledger/equivocation.h"

#include <gtest/gtest.h>

#include "foundation/ledger/kept_evidence.h"
#include "tests/foundation/ledger/cosigned_vectors.h"
#include "tests/foundation/ledger/served_log.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl::ledger {
namespace {

TEST(Equivocation, TheTable) {
  const json::Value table = test_json("e2e/verify/vectors/equivocations.json");
  const VerifierKey log = *VerifierKey::parse(*json::find_string(table, {"vkey"}));
  int proven = 0;
  for (const json::Value& row : json::find(table, {"cases"})->get_array()) {
    const std::string name(*json::find_string(row, {"name"}));
    const std::string text(*json::find_string(row, {"text"}));
    const bool is_bad = json::find_string(row, {"verdict"}) == "bad";
    const Result<Equivocation> evidence = parse_equivocation(text);
    const Result<Contradiction> found =
        evidence ? check_equivocation(*evidence, log) : fail(evidence.error());
    EXPECT_EQ(found.has_value(), is_bad) << name << ": " << (found ? "" : found.error().message);
    proven += found ? 1 : 0;
    if (evidence && name != "a member that nobody knows") {
      EXPECT_EQ(print_equivocation(*evidence), text) << name;
    }
    if (found) {
      const auto again = contradiction(evidence->newer, evidence->older, evidence->proof, log);
      ASSERT_TRUE(again) << name << ": the order is found";
      EXPECT_TRUE(check_equivocation(*again, log)) << name;
    }
  }
  EXPECT_GE(proven, 9);
}

// Two heads of a log and of a fork of it prove it exactly when the larger one lost what the smaller
// one has.
TEST(Equivocation, ProvesAnyForkAndNoHonestLog) {
  SeededRandom random(20'261'126);
  const SigningKey key = *SigningKey::generate(KeyKind::kEd25519);
  for (int round = 0; round < 60; ++round) {
    ServedLog log(key), fork(key);
    const std::uint64_t size = 1 + random.below(600);
    const std::uint64_t kept = random.below(size + 1);
    log.grow(size);
    fork.grow(kept);
    fork.grow(size - kept, "other");
    const std::uint64_t older = 1 + random.below(size);
    const Proof proof = older < size ? *prove_prefix(fork, older, size) : Proof{};
    const auto found =
        contradiction(log.checkpoint(older), fork.checkpoint(size), proof, log.key());
    EXPECT_EQ(found.has_value(), older > kept) << older << " of " << size << ", fork at " << kept;
    if (older < size) {
      EXPECT_FALSE(contradiction(log.checkpoint(older), log.checkpoint(size),
                                 *prove_prefix(log, older, size), log.key()));
      EXPECT_EQ(prefix_proof(older, fork.root(older), *prove_consistency(fork, older, size)),
                proof);
      Proof altered = proof;
      altered[random.below(altered.size())][7] ^= 1;
      EXPECT_FALSE(contradiction(log.checkpoint(older), fork.checkpoint(size), altered, log.key()));
      EXPECT_FALSE(contradiction(log.checkpoint(older), log.checkpoint(size), altered, log.key()));
    }
  }
}

TEST(Equivocation, ANewerFormatIsToldApart) {
  EXPECT_EQ(parse_equivocation(R"({"format":"pawl.equivocation/2"})").error().code,
            Code::kUnsupported);
  EXPECT_EQ(parse_equivocation(R"({"format":"pawl.trust/1"})").error().code, Code::kMalformed);
  EXPECT_EQ(parse_equivocation(std::string(kMaxEquivocation + 1, ' ')).error().code,
            Code::kTooLarge);
}

// ---- what is kept ----

struct KeptEvidence : testing::Test {
  KeptEvidence() {
    EXPECT_TRUE(files.make_directory("state"));
    log.grow(300);
    fork.grow(300, "other");
  }
  Equivocation at(std::uint64_t size) {
    return *contradiction(log.checkpoint(size), fork.checkpoint(size), {}, log.key());
  }
  Result<std::string> keep(const Equivocation& evidence) {
    return keep_evidence(files, "state/evidence", evidence, log.key());
  }
  const SigningKey key = *SigningKey::generate(KeyKind::kEd25519);
  ServedLog log{key}, fork{key};
  FaultFiles files;
};

TEST_F(KeptEvidence, TheFirstOfALogAndSizeIsKept) {
  EXPECT_TRUE(kept_evidence(files, "state/evidence").empty());
  const Result<std::string> path = keep(at(7));
  ASSERT_TRUE(path) << path.error().message;
  const std::string text = *files.contents(*path);
  EXPECT_EQ(text, print_equivocation(at(7)));
  const Equivocation later =
      *contradiction(log.checkpoint(7), fork.checkpoint(9), *prove_prefix(fork, 7, 9), log.key());
  EXPECT_EQ(*keep(later), *path);
  EXPECT_EQ(files.contents(*path), text);
  EXPECT_NE(*keep(at(8)), *path);
  EXPECT_EQ(kept_evidence(files, "state/evidence").size(), 2u);
  files.put(*path, "{}");
  EXPECT_EQ(*keep(later), *path) << "what proves nothing gives way";
  EXPECT_EQ(files.contents(*path), print_equivocation(later));
}

TEST_F(KeptEvidence, WhatProvesNothingIsNotKept) {
  EXPECT_EQ(keep({log.checkpoint(7), log.checkpoint(7), {}}).error().code, Code::kUndecidable);
  const ServedLog stranger(*SigningKey::generate(KeyKind::kEd25519));
  EXPECT_EQ(keep_evidence(files, "state/evidence", at(7), stranger.key()).error().code,
            Code::kBadSignature);
  EXPECT_TRUE(kept_evidence(files, "state/evidence").empty());
}

TEST_F(KeptEvidence, ALogThatSignsAnythingDoesNotFillTheDisk) {
  for (std::uint64_t size = 1; size <= kMostEvidence; ++size) {
    ASSERT_TRUE(keep(at(size)));
  }
  EXPECT_EQ(keep(at(kMostEvidence + 1)).error().code, Code::kTooLarge);
  EXPECT_TRUE(keep(at(kMostEvidence))) << "what is there already";
  EXPECT_EQ(kept_evidence(files, "state/evidence").size(), kMostEvidence);
}

TEST_F(KeptEvidence, SurvivesAPowerCut) {
  const std::string path = *keep(at(7));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultFiles again;
    ASSERT_TRUE(again.make_directory("state"));
    ASSERT_TRUE(again.sync_directory("."));
    ASSERT_TRUE(keep_evidence(again, "state/evidence", at(7), log.key()));
    EXPECT_EQ(again.power_cut(seed)->contents(path), files.contents(path)) << seed;
  }
}

}  // namespace
}  // namespace pawl::ledger
