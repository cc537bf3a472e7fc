// What the helpers of base/files.h promise after a power cut.
#include <gtest/gtest.h>

#include "tests/support/fault_files.h"

namespace pawl {
namespace {

constexpr std::uint64_t kSeeds = 40;

TEST(DurableFiles, TheNameOfAMadeFolderSurvivesAPowerCut) {
  FaultFiles files;
  ASSERT_TRUE(make_durable_directory(files, "d"));
  ASSERT_TRUE(write_file(files, "d/a", "x"));
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    EXPECT_EQ(files.power_cut(seed)->contents("d/a"), "x") << seed;
  }
}

TEST(DurableFiles, CreateFileLeavesAWholeFileOrNoneAndCanBeRunAgain) {
  for (std::uint64_t call = 1;; ++call) {
    FaultFiles files;
    files.cut_power_at(call);
    const bool made = create_file(files, "key", "secret").has_value();
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const std::unique_ptr<FaultFiles> after = files.power_cut(seed);
      const std::optional<std::string> found = after->contents("key");
      EXPECT_TRUE(!found || found == "secret") << "call " << call << ", seed " << seed;
      EXPECT_TRUE(!made || found) << "call " << call << ", seed " << seed;
      if (!found) {
        EXPECT_TRUE(create_file(*after, "key", "another")) << "call " << call;
      }
    }
    if (made) {
      EXPECT_GT(call, 6u);
      break;
    }
  }
}

TEST(DurableFiles, CreateFileReplacesNothing) {
  FaultFiles files;
  ASSERT_TRUE(create_file(files, "key", "first"));
  EXPECT_EQ(create_file(files, "key", "second").error().code, Code::kConflict);
  EXPECT_EQ(files.contents("key"), "first");
  EXPECT_FALSE(files.contents("key.tmp"));
  const auto maker = files.lock("other.tmp", "somebody");
  EXPECT_EQ(create_file(files, "other", "x").error().code, Code::kConflict);
}

// A file of ours that cannot be looked at must not be taken for missing and made anew.
TEST(DurableFiles, WhatCannotBeLookedAtExists) {
  FaultFiles files;
  files.fail_call(FaultFiles::Operation::kExists, 1, FaultFiles::Fault::kIo);
  EXPECT_TRUE(files.exists("a"));
  EXPECT_FALSE(files.exists("a"));
  EXPECT_TRUE(system_files().exists(std::string(5000, 'x')));  // ENAMETOOLONG
  EXPECT_FALSE(system_files().exists("/nowhere/at/all"));
}

}  // namespace
}  // namespace pawl
