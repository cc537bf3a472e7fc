// The head file outside the data folder: a restored backup, another log and a missing file are
// refused; a log that goes on is not.
#include "foundation/ledger/head_file.h"

#include <gtest/gtest.h>

#include "foundation/ledger/checkpoint.h"
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

TEST_F(HeadFile, AFileThatCannotBeWrittenIsCountedAndTheLogGoesOn) {
  rig.settings.head_file = "nowhere/head";
  auto ledger = *rig.open(files);
  EXPECT_TRUE(append_entry_sync(*ledger, 1, "entry"));
  while (ledger->stats().head_file_failures == 0) {
    rig.clock.step(std::chrono::seconds(1));
    EXPECT_TRUE(append_entry_sync(*ledger, next++, "entry"));
  }
  EXPECT_TRUE(ledger->writable());
}

}  // namespace
}  // namespace pawl::ledger
