#include "tests/support/fault_files.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/stepped_clock.h"

namespace pawl {
namespace {

using Operation = FaultFiles::Operation;
using Fault = FaultFiles::Fault;
constexpr std::uint64_t kSeeds = 300;

std::unique_ptr<File> must_open(FaultFiles& files, const std::string& path,
                                OpenMode mode = OpenMode::kCreate) {
  return std::move(files.open(path, mode).value());
}

// All contents of `path` that some seed finds after the cut; "-" where the name is gone.
std::set<std::string> survivors(FaultFiles& files, const std::string& path) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    found.insert(files.power_cut(seed)->contents(path).value_or("-"));
  }
  return found;
}

TEST(FaultFiles, KeepsWhatWasSynced) {
  FaultFiles files;
  const auto file = must_open(files, "a");
  ASSERT_TRUE(file->write_at(0, "kept"));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(files.sync_directory("."));
  EXPECT_EQ(survivors(files, "a"), std::set<std::string>{"kept"});
}

TEST(FaultFiles, MayLoseANameWhoseFolderWasNotSynced) {
  FaultFiles files;
  const auto file = must_open(files, "a");
  ASSERT_TRUE(file->write_at(0, "kept"));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(survivors(files, "a"), (std::set<std::string>{"-", "kept"}));
}

TEST(FaultFiles, LosesWhatIsInAFolderThatIsLost) {
  FaultFiles files;
  ASSERT_TRUE(files.make_directory("d"));
  ASSERT_TRUE(write_file(files, "d/a", "x"));
  EXPECT_EQ(survivors(files, "d/a"), (std::set<std::string>{"-", "x"}));
}

TEST(FaultFiles, TearsAndReordersUnsyncedWrites) {
  FaultFiles files;
  files.put("a", std::string(1024, 'o'));
  const auto file = must_open(files, "a");
  ASSERT_TRUE(file->write_at(0, std::string(512, '1') + std::string(512, '2')));
  ASSERT_TRUE(file->write_at(0, "3"));
  bool nothing = false, everything = false, only_second_sector = false, only_later_write = false;
  bool inside_a_sector = false;
  for (const std::string& bytes : survivors(files, "a")) {
    ASSERT_EQ(bytes.size(), 1024u);
    nothing |= bytes == std::string(1024, 'o');
    everything |= bytes == "3" + std::string(511, '1') + std::string(512, '2');
    only_second_sector |= bytes == std::string(512, 'o') + std::string(512, '2');
    only_later_write |= bytes == "3" + std::string(1023, 'o');
    inside_a_sector |= bytes[1] == '1' && bytes[511] == 'o';
  }
  EXPECT_TRUE(nothing);
  EXPECT_TRUE(everything);
  EXPECT_TRUE(only_second_sector);
  EXPECT_TRUE(only_later_write);
  EXPECT_TRUE(inside_a_sector);
}

TEST(FaultFiles, MayKeepTheSizeWithoutTheBytes) {
  FaultFiles files;
  files.put("a", "");
  const auto file = must_open(files, "a");
  ASSERT_TRUE(file->write_at(0, "new"));
  const std::set<std::string> found = survivors(files, "a");
  for (const std::string& expected : {std::string(), std::string("new"), std::string(3, '\0')}) {
    EXPECT_TRUE(found.contains(expected)) << expected;
  }
}

TEST(FaultFiles, MayDropATruncation) {
  FaultFiles files;
  files.put("a", "abc");
  ASSERT_TRUE(must_open(files, "a")->truncate(1));
  EXPECT_EQ(survivors(files, "a"), (std::set<std::string>{"a", "abc"}));
}

TEST(FaultFiles, MayRenameBeforeTheBytesAreThere) {
  FaultFiles files;
  files.put("a", "old");
  ASSERT_TRUE(must_open(files, "a.tmp")->write_at(0, "new"));
  ASSERT_TRUE(files.rename("a.tmp", "a"));
  const std::set<std::string> found = survivors(files, "a");
  for (const char* expected : {"old", "new", ""}) {
    EXPECT_TRUE(found.contains(expected)) << expected;
  }
  EXPECT_FALSE(found.contains("-"));
}

TEST(FaultFiles, MayBringBackARemovedName) {
  FaultFiles files;
  files.put("a", "x");
  ASSERT_TRUE(files.remove("a"));
  EXPECT_EQ(survivors(files, "a"), (std::set<std::string>{"-", "x"}));
  FaultFiles synced;
  synced.put("a", "x");
  ASSERT_TRUE(synced.remove("a"));
  ASSERT_TRUE(synced.sync_directory("."));
  EXPECT_EQ(survivors(synced, "a"), std::set<std::string>{"-"});
}

// "old" and "next", each with a file of its name in it, and the folder "frozen".
std::unique_ptr<FaultFiles> two_folders() {
  auto files = std::make_unique<FaultFiles>();
  files->put("d/old/file", "old");
  files->put("d/next/file", "next");
  files->put("d/frozen/.keep", "");
  return files;
}

TEST(FaultFiles, RenamesAFolderWithWhatIsInIt) {
  const std::unique_ptr<FaultFiles> files = two_folders();
  const auto file = must_open(*files, "d/old/file");
  ASSERT_TRUE(files->rename("d/old", "d/frozen/1"));
  ASSERT_TRUE(file->write_at(0, "new"));
  EXPECT_EQ(files->contents("d/frozen/1/file"), "new");
  EXPECT_FALSE(files->exists("d/old"));
  EXPECT_EQ(files->list("d/frozen").value(), (std::vector<std::string>{".keep", "1"}));
  EXPECT_FALSE(files->rename("d/next", "d/frozen/1"));  // it is not empty
}

TEST(FaultFiles, MayLoseARenameBetweenFoldersUntilBothAreSynced) {
  for (const std::string synced : {"", "d", "d/frozen"}) {
    const std::unique_ptr<FaultFiles> files = two_folders();
    ASSERT_TRUE(files->rename("d/old", "d/frozen/1"));
    if (!synced.empty()) {
      ASSERT_TRUE(files->sync_directory(synced));
    }
    EXPECT_EQ(survivors(*files, "d/frozen/1/file"), (std::set<std::string>{"-", "old"})) << synced;
    EXPECT_EQ(survivors(*files, "d/old/file"), (std::set<std::string>{"-", "old"})) << synced;
  }
  const std::unique_ptr<FaultFiles> files = two_folders();
  ASSERT_TRUE(files->rename("d/old", "d/frozen/1"));
  ASSERT_TRUE(files->sync_directory("d"));
  ASSERT_TRUE(files->sync_directory("d/frozen"));
  EXPECT_EQ(survivors(*files, "d/frozen/1/file"), std::set<std::string>{"old"});
}

TEST(FaultFiles, MayMakeTheSecondOfTwoRenamesOnly) {
  const std::unique_ptr<FaultFiles> files = two_folders();
  ASSERT_TRUE(files->rename("d/old", "d/frozen/1"));
  ASSERT_TRUE(files->rename("d/next", "d/old"));
  bool lost = false;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto after = files->power_cut(seed);
    lost |= after->contents("d/old/file") == "next" && !after->contents("d/frozen/1/file");
  }
  EXPECT_TRUE(lost);
}

TEST(FaultFiles, SameSeedSameSurvivors) {
  FaultFiles files;
  files.put("a", "");
  ASSERT_TRUE(must_open(files, "a")->write_at(0, std::string(5000, 'x')));
  EXPECT_EQ(files.power_cut(5)->contents("a"), files.power_cut(5)->contents("a"));
}

TEST(FaultFiles, StaysOffAfterTheCut) {
  FaultFiles files;
  const auto file = must_open(files, "a");
  const auto lock = std::move(files.lock("lock", "me").value());
  const std::unique_ptr<FaultFiles> after = files.power_cut(1);
  EXPECT_EQ(file->write_at(0, "x").error().code, Code::kIo);
  EXPECT_EQ(file->sync().error().code, Code::kIo);
  EXPECT_EQ(file->size().error().code, Code::kIo);
  EXPECT_EQ(files.open("a", OpenMode::kCreate).error().code, Code::kIo);
  EXPECT_TRUE(files.exists("a"));  // it cannot be told
  EXPECT_TRUE(after->lock("lock", "me again"));
}

TEST(FaultFiles, KeepsUnsyncedChangesWhenOnlyTheProcessDies) {
  FaultFiles files;
  ASSERT_TRUE(must_open(files, "a")->write_at(0, "x"));
  const std::unique_ptr<FaultFiles> next = files.kill();
  EXPECT_TRUE(files.off());
  EXPECT_EQ(next->contents("a"), "x");
  EXPECT_EQ(survivors(*next, "a"), (std::set<std::string>{"-", "", std::string(1, '\0'), "x"}));
}

TEST(FaultFiles, CallsNoFileDurableAgainAfterAFailedSync) {
  FaultFiles files;
  const auto file = must_open(files, "a");
  ASSERT_TRUE(files.sync_directory("."));
  ASSERT_TRUE(file->write_at(0, "x"));
  files.fail_call(Operation::kSync, 1, Fault::kIo);
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(must_open(files, "a")->sync());       // a new handle, as the kernel does it
  EXPECT_TRUE(survivors(files, "a").contains(""));  // and yet it never reached the disk
}

TEST(FaultFiles, IgnoresTheSyncsOfOnePlaceInTheSource) {
  FaultFiles files;
  const CallSite here = CallSite::current();
  ASSERT_TRUE(write_file(files, "a", "x", here));
  const std::string site = sync_site(here, true);
  EXPECT_EQ(files.sync_sites(), (std::set<std::string>{sync_site(here, false), site}));
  FaultFiles ignoring;
  ignoring.ignore_syncs(site);
  ASSERT_TRUE(write_file(ignoring, "a", "x", here));
  EXPECT_EQ(survivors(ignoring, "a"), (std::set<std::string>{"-", "x"}));
}

TEST(FaultFiles, AFullDiskTakesWhatNeedsNoRoom) {
  FaultFiles files;
  files.put("a", "1234");
  files.fill_at(2);
  const auto file = must_open(files, "a", OpenMode::kReadWrite);
  EXPECT_TRUE(file->write_at(0, "5678"));
  EXPECT_FALSE(file->write_at(2, "789"));
  EXPECT_FALSE(files.open("b", OpenMode::kCreate));
  EXPECT_FALSE(files.make_directory("d"));
  files.set_full(false);
  EXPECT_TRUE(file->write_at(2, "789"));
}

TEST(FaultFiles, FailsTheCallThatTheScriptNames) {
  FaultFiles files;
  const auto file = must_open(files, "a");
  files.fail_call(Operation::kWrite, 2, Fault::kShortWrite);
  files.fail_call(Operation::kWrite, 4, Fault::kNoSpace, true);
  files.fail_call(Operation::kRename, 1, Fault::kIo);
  EXPECT_TRUE(file->write_at(0, "1111"));
  EXPECT_EQ(file->write_at(0, "2222").error().message, "a: Input/output error");
  EXPECT_EQ(file->read_at(0, 4).value(), "2211");
  EXPECT_TRUE(file->write_at(0, "3333"));
  EXPECT_EQ(file->write_at(0, "4444").error().message, "a: No space left on device");
  EXPECT_FALSE(file->write_at(0, "5555"));
  EXPECT_EQ(file->read_at(0, 4).value(), "3333");
  EXPECT_FALSE(files.rename("a", "b"));
  EXPECT_TRUE(files.exists("a"));
  EXPECT_TRUE(files.rename("a", "b"));
}

TEST(FaultFiles, TellsTheHookEveryCall) {
  FaultFiles files;
  std::vector<std::string> seen;
  files.set_hook([&](const FaultFiles::Call& call) {
    seen.push_back(std::to_string(call.number) + " " + call.path);
    if (call.operation == Operation::kRename) {
      files.put("behind", "its back");  // no lock is held here
    }
  });
  ASSERT_TRUE(write_file(files, "a", "x"));
  EXPECT_EQ(seen, (std::vector<std::string>{"1 a.tmp", "2 a.tmp", "3 a.tmp", "4 a.tmp", "5 a.tmp",
                                            "6 ."}));
  EXPECT_EQ(files.calls(), 6u);
  EXPECT_EQ(files.contents("behind"), "its back");
}

TEST(WriteFile, IsAtomicAndDurableAtEveryCut) {
  bool stored = false;
  for (std::uint64_t call = 1; !stored; ++call) {
    FaultFiles files;
    files.put("d/a", "old");
    files.cut_power_at(call);
    stored = write_file(files, "d/a", "new").has_value();
    const std::set<std::string> found = survivors(files, "d/a");
    for (const std::string& bytes : found) {
      EXPECT_TRUE(bytes == "new" || (bytes == "old" && !stored)) << call << ": " << bytes;
    }
  }
}

TEST(WriteFile, ReportsEveryFailure) {
  for (const Operation operation :
       {Operation::kOpen, Operation::kTruncate, Operation::kWrite, Operation::kSync,
        Operation::kRename, Operation::kSyncDirectory}) {
    FaultFiles files;
    files.put("a", "old");
    files.fail_call(operation, 1, Fault::kShortWrite);
    EXPECT_FALSE(write_file(files, "a", "new"));
    EXPECT_FALSE(files.exists("a.tmp"));
    EXPECT_EQ(files.contents("a"), operation == Operation::kSyncDirectory ? "new" : "old");
  }
}

TEST(SteppedClock, MovesOnlyWhenStepped) {
  SteppedClock clock;
  EXPECT_EQ(format_rfc3339(clock.wall()), "2026-03-07T09:00:00.000Z");
  clock.step(std::chrono::milliseconds(1500));
  EXPECT_EQ(format_rfc3339(clock.wall()), "2026-03-07T09:00:01.500Z");
  const BootTime boot = clock.boot();
  clock.step_wall(std::chrono::hours(-1));
  EXPECT_EQ(format_rfc3339(clock.wall()), "2026-03-07T08:00:01.500Z");
  EXPECT_EQ(clock.boot(), boot);
  clock.step_boot(std::chrono::seconds(1));
  EXPECT_EQ(clock.boot().us - boot.us, 1'000'000);
}

TEST(SystemClock, BootTimeNeverGoesBack) {
  const BootTime first = system_clock().boot();
  EXPECT_LE(first, system_clock().boot());
  EXPECT_GT(system_clock().wall().us, SteppedClock::kStart.us / 2);
}

}  // namespace
}  // namespace pawl
