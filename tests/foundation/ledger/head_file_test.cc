// The head file outside the data folder: a restored backup, another log and a missing file are
// refused; a log that goes on is not.
#include "foundation/ledger/head_file.h"

#include <gtest/gtest.h>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/kept_evidence.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

constexpr const char* kHead = "outside/head";

// What a backup program copies, and puts back.
std::map<std::string, std::string> copy_of(FaultFiles& files) {
  std::map<std::string, std::string> copy;
  for (const char* path : {"ledger/segments/000000000001.seg", "ledger/checkpoint",
                           "ledger/log.vkey", "ledger/snapshot"}) {
    if (std::optional<std::string> bytes = files.contents(path)) {
      copy[path] = *bytes;
    }
  }
  return copy;
}

struct HeadFile : testing::Test {
  HeadFile() {
    EXPECT_TRUE(files.make_directory("outside"));
    rig.settings.head_file = kHead;
  }
  // Opens, appends `count` entries, closes.
  Status grow(std::uint64_t count) {
    auto ledger = rig.open(files);
    if (!ledger) {
      return fail(ledger.error());
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      ++next;
      EXPECT_TRUE(append_entry_sync(**ledger, next, "entry " + std::to_string(next)));
    }
    return {};
  }
  std::uint64_t head_size() { return read_checkpoint(*files.contents(kHead))->size; }

  FaultFiles files;
  LedgerRig rig;
  std::uint64_t next = 0;
};

TEST_F(HeadFile, FollowsThePublishedCheckpointAndLetsTheLogGoOn) {
  ASSERT_TRUE(grow(3));
  EXPECT_EQ(head_size(), 3u);
  EXPECT_EQ(files.contents(kHead), files.contents("ledger/checkpoint"));
  ASSERT_TRUE(grow(300));
  EXPECT_EQ(head_size(), 303u);
  ASSERT_TRUE(grow(0));
}

// As when a log was renewed and nothing was published since: a start and a renewal by hand.
TEST_F(HeadFile, OfTheLogBeforeSaysNothingOfTheNext) {
  ASSERT_TRUE(grow(3));
  const std::string note = *files.contents(kHead);
  const VerifierKey next_key = *VerifierKey::parse(
      NoteSigner::make("example.org/pawl/test/2", LedgerRig::log_key())->vkey());
  Options next_log = LedgerRig::options();
  EXPECT_EQ(open_head(kHead, note, next_log, *VerifierKey::parse(LedgerRig::vkey())).value()->size,
            3u);
  EXPECT_EQ(open_head(kHead, note, next_log, next_key).error().code, Code::kBadSignature);
  next_log.origin_before = next_log.origin;
  next_log.size_before = 3;
  EXPECT_EQ(open_head(kHead, note, next_log, next_key).value(), std::nullopt);
  next_log.size_before = 2;  // of more than it goes on from
  EXPECT_EQ(open_head(kHead, note, next_log, next_key).error().code, Code::kBadSignature);
}

TEST_F(HeadFile, RefusesABackupThatWasPutBack) {
  ASSERT_TRUE(grow(5));
  const auto backup = copy_of(files);
  ASSERT_TRUE(grow(5));
  for (const auto& [path, bytes] : backup) {
    files.put(path, bytes);
  }
  const Status opened = grow(0);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kConflict);
  EXPECT_NE(opened.error().message.find("ends at entry 5"), std::string::npos);
  EXPECT_NE(opened.error().message.find("knows 10"), std::string::npos);
  EXPECT_EQ(head_size(), 10u);  // refusing does not forget
  rig.settings.head_file = "";
  EXPECT_TRUE(grow(0));  // it is the head file that notices
}

TEST_F(HeadFile, RefusesALogThatWentAnotherWay) {
  ASSERT_TRUE(grow(5));
  const auto backup = copy_of(files);
  ASSERT_TRUE(grow(5));
  const std::string head = *files.contents(kHead);
  for (const auto& [path, bytes] : backup) {
    files.put(path, bytes);
  }
  rig.settings.head_file = "";
  ASSERT_TRUE(grow(8));  // other entries, and more of them
  rig.settings.head_file = kHead;
  files.put(kHead, head);
  const Status opened = grow(0);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kBadSignature);
  EXPECT_NE(opened.error().message.find("root differs"), std::string::npos)
      << opened.error().message;

  // Both are signed: that is kept, for anybody.
  const std::string& why = opened.error().message;
  const std::vector<std::string> kept = kept_evidence(files, "./evidence");
  ASSERT_EQ(kept.size(), 1u) << why;
  EXPECT_NE(why.find(kept[0]), std::string::npos) << why;
  const Result<Contradiction> found = check_equivocation(
      *parse_equivocation(*files.contents(kept[0])), *VerifierKey::parse(LedgerRig::vkey()));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->older_size, 10u);
  EXPECT_EQ(found->newer_size, 13u);
}

TEST_F(HeadFile, AMissingOrForeignFileIsForPeople) {
  ASSERT_TRUE(grow(5));
  const std::string head = *files.contents(kHead);
  ASSERT_TRUE(files.remove(kHead));
  Status opened = grow(0);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kConflict);
  EXPECT_NE(opened.error().message.find("pawl ledger head -o outside/head"), std::string::npos);
  std::string flipped = head;
  flipped[flipped.size() - 5] ^= 1;
  files.put(kHead, flipped);
  EXPECT_FALSE(grow(0));
  files.put(kHead, head);
  EXPECT_TRUE(grow(0));
}

// As after a crash between the first record and the first publication.
TEST_F(HeadFile, ALogIsNeverDurableWithoutOne) {
  std::string first;
  files.set_hook([&](const FaultFiles::Call& call) {
    if (first.empty() && call.operation == FaultFiles::Operation::kSync) {
      first = call.path;
    }
  });
  ASSERT_TRUE(grow(0));
  EXPECT_EQ(first, std::string(kHead) + ".tmp");
  EXPECT_EQ(head_size(), 0u);
  EXPECT_TRUE(grow(3));
  EXPECT_EQ(head_size(), 3u);
}

TEST_F(HeadFile, OneThatCannotBeBegunRefusesTheStart) {
  rig.settings.head_file = "nowhere/head";
  const Status opened = grow(0);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("head file: nowhere/head"), std::string::npos)
      << opened.error().message;
}

TEST_F(HeadFile, AFileThatCannotBeWrittenIsCountedAndTheLogGoesOn) {
  auto ledger = *rig.open(files);
  files.set_hook([&](const FaultFiles::Call& call) {
    if (call.path.starts_with(kHead)) {
      files.fail_at(call.number, FaultFiles::Fault::kIo);
    }
  });
  EXPECT_TRUE(append_entry_sync(*ledger, 1, "entry"));
  while (ledger->stats().head_file_failures == 0) {
    rig.clock.step(std::chrono::seconds(1));
    EXPECT_TRUE(append_entry_sync(*ledger, next++, "entry"));
  }
  EXPECT_TRUE(ledger->writable());
}

}  // namespace
}  // namespace pawl::ledger
