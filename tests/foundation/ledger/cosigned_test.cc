#include "foundation/ledger/cosigned.h"

#include <gtest/gtest.h>

#include "foundation/ledger/cosignature.h"
#include "foundation/ledger/merkle.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

constexpr const char* kPath = "ledger/cosigned";
constexpr std::int64_t kNow = 1'772'874'000;

struct CosignedTest : testing::Test {
  CosignedTest() {
    rig.settings.threads = false;
    ledger = *rig.open(files);
    std::string text;
    for (int i = 0; i < 3; ++i) {
      const std::string name = std::string(1, static_cast<char>('a' + i));
      witnesses.push_back(
          *Cosigner::make("example.org/" + name, *SigningKey::generate(KeyKind::kEd25519)));
      text += "witness " + name + " " + witnesses.back().vkey() + "\n";
    }
    policy = std::make_shared<const WitnessPolicy>(
        *WitnessPolicy::parse(text + "group g 2 a b c\nquorum g\n"));
  }
  // The checkpoint of the log with that many entries.
  std::string grow_to(std::uint64_t size) {
    while (ledger->size() < size) {
      const std::uint64_t next = ledger->size();
      ledger->append_entry({LedgerRig::token(next), test_id(next), false},
                           [](const Result<EntryRef>& ref) { ASSERT_TRUE(ref); });
      ledger->pump();
    }
    return ledger->latest().note;
  }
  Result<CosignedHead> open() {
    return CosignedHead::open(files, kPath, *VerifierKey::parse(LedgerRig::vkey()), policy,
                              ledger->size(),
                              [this](std::uint64_t size) { return ledger->root_at(size); });
  }
  std::string line(std::size_t witness, const std::string& checkpoint, std::int64_t time_s = kNow) {
    return *witnesses[witness].cosign(parse_note(checkpoint)->text, time_s);
  }

  FaultFiles files;
  LedgerRig rig;
  std::unique_ptr<Ledger> ledger;
  std::vector<Cosigner> witnesses;
  std::shared_ptr<const WitnessPolicy> policy;
};

TEST_F(CosignedTest, IsTheNewestThatMeetsThePolicyAndIsKept) {
  const std::string first = grow_to(3);
  Result<CosignedHead> head = open();
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_FALSE(head->newest());
  ASSERT_TRUE(head->add(first, 0, line(0, first)));
  EXPECT_FALSE(head->newest()) << "one of two";
  EXPECT_FALSE(files.contents(kPath));
  ASSERT_TRUE(head->add(first, 2, line(2, first)));
  ASSERT_TRUE(head->newest());
  EXPECT_EQ(head->newest()->checkpoint.size, 3u);
  EXPECT_EQ(files.contents(kPath), head->newest()->checkpoint.note);
  const std::string second = grow_to(5);
  ASSERT_TRUE(head->add(second, 1, line(1, second)));
  EXPECT_EQ(head->newest()->checkpoint.size, 3u) << "one of two of the newer one";
  ASSERT_TRUE(head->add(first, 1, line(1, first)));
  EXPECT_EQ(head->newest()->answer.cosigned.size(), 3u) << "a late line is added";
  ASSERT_TRUE(head->add(second, 0, line(0, second)));
  EXPECT_EQ(head->newest()->checkpoint.size, 5u);
  ASSERT_TRUE(head->add(first, 2, line(2, first)));
  EXPECT_EQ(head->newest()->checkpoint.size, 5u) << "an older one takes nothing back";
  const Result<CosignedHead> again = open();
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->newest());
  EXPECT_EQ(again->newest()->checkpoint.note, head->newest()->checkpoint.note);
}

TEST_F(CosignedTest, TakesOfAnAnswerOnlyTrueLinesOfWhoWasAsked) {
  const std::string checkpoint = grow_to(3);
  const std::string other = grow_to(4);
  std::string altered = line(0, checkpoint);
  altered[altered.size() - 10] = altered[altered.size() - 10] == 'A' ? 'B' : 'A';
  std::string many;
  for (int i = 0; i < 63; ++i) {
    many += line(0, checkpoint, kNow + i);
  }
  const struct {
    const char* name;
    std::string lines;
    std::optional<Code> refused;
  } cases[] = {
      {"nothing", "", Code::kMalformed},
      {"words", "good\n", Code::kMalformed},
      {"another witness's", line(1, checkpoint), Code::kNotFound},
      {"for another checkpoint", line(0, other), Code::kBadSignature},
      {"a false one", altered, Code::kBadSignature},
      {"a false one beside a true one", line(0, checkpoint) + altered, Code::kBadSignature},
      {"too many", many + many, Code::kTooLarge},
      {"its own", line(0, checkpoint), std::nullopt},
      {"its own and another's", line(1, checkpoint) + line(0, checkpoint), std::nullopt},
      {"many of its own", many, std::nullopt},
  };
  for (const auto& one : cases) {
    Result<CosignedHead> head = open();
    ASSERT_TRUE(head);
    const Status added = head->add(checkpoint, 0, one.lines);
    EXPECT_EQ(added.has_value(), !one.refused) << one.name;
    if (one.refused && !added) {
      EXPECT_EQ(added.error().code, *one.refused) << one.name << ": " << added.error().message;
    }
    EXPECT_FALSE(head->newest()) << one.name << ": it is one witness, whatever it sends";
    ASSERT_TRUE(head->add(checkpoint, 1, line(1, checkpoint))) << one.name;
    EXPECT_EQ(head->newest().has_value(), !one.refused) << one.name;
    ASSERT_TRUE(head->add(checkpoint, 2, line(2, checkpoint))) << one.name;
    ASSERT_TRUE(head->newest()) << one.name << ": the others are enough";
    EXPECT_TRUE(policy->judge(*parse_note(head->newest()->checkpoint.note))->is_met) << one.name;
    ASSERT_TRUE(files.remove(kPath));
  }
}

TEST_F(CosignedTest, WhatIsNotKeptDoesNotCount) {
  const std::string checkpoint = grow_to(3);
  Result<CosignedHead> head = open();
  ASSERT_TRUE(head->add(checkpoint, 0, line(0, checkpoint)));
  files.set_full(true);
  EXPECT_FALSE(head->add(checkpoint, 1, line(1, checkpoint)));
  EXPECT_FALSE(head->newest());
  files.set_full(false);
  ASSERT_TRUE(head->add(checkpoint, 1, line(1, checkpoint)));
  EXPECT_TRUE(head->newest());
}

TEST_F(CosignedTest, AFileOfAnotherLogOrOfAnotherPolicySaysNothing) {
  const std::string checkpoint = grow_to(3);
  const std::string other_log =
      *NoteSigner::make("example.org/other", LedgerRig::log_key())
           ->sign("example.org/other\n3\n" + base64_encode(view(*ledger->root_at(3))) + "\n");
  for (const std::string& bytes :
       {std::string("no note"), checkpoint, checkpoint + line(0, checkpoint),
        other_log + line(0, other_log) + line(1, other_log)}) {
    files.put(kPath, bytes);
    const Result<CosignedHead> head = open();
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_FALSE(head->newest()) << bytes;
  }
}

TEST_F(CosignedTest, ALogThatIsOlderThanWhatWitnessesSawIsRefused) {
  const std::string checkpoint = grow_to(5);
  const std::string cosigned = checkpoint + line(0, checkpoint) + line(1, checkpoint);
  files.put(kPath, cosigned);
  ASSERT_TRUE(open());
  const auto opened = [&](std::uint64_t size, bool is_other) {
    return CosignedHead::open(
        files, kPath, *VerifierKey::parse(LedgerRig::vkey()), policy, size, [&](std::uint64_t at) {
          return is_other ? Result<Digest>(empty_root()) : ledger->root_at(at);
        });
  };
  EXPECT_TRUE(opened(5, false));
  for (const auto& [size, is_other] : {std::pair{4, false}, {5, true}}) {
    const Result<CosignedHead> head = opened(static_cast<std::uint64_t>(size), is_other);
    ASSERT_FALSE(head) << size;
    EXPECT_EQ(head.error().code, Code::kBadSignature) << size;
  }
}

}  // namespace
}  // namespace pawl::ledger
