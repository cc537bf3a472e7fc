// One contract, checked on the machine's file system and on the double that stands for it.
#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/os/file_mode.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

class FilesTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      std::string pattern = testing::TempDir() + "/pawl-files-XXXXXX";
      ASSERT_NE(mkdtemp(pattern.data()), nullptr);
      root_ = pattern;
    } else {
      root_ = "root";
      ASSERT_TRUE(files().make_directory(root_));
    }
  }
  void TearDown() override {
    if (GetParam()) {
      std::filesystem::remove_all(root_);
    }
  }
  Files& files() { return GetParam() ? system_files() : double_; }
  std::string at(const std::string& name) const { return root_ + "/" + name; }
  static Code code(const Status& status) { return status ? Code::kInternal : status.error().code; }

  FaultFiles double_;
  std::string root_;
};

TEST_P(FilesTest, OpensByMode) {
  EXPECT_EQ(files().open(at("a"), OpenMode::kRead).error().code, Code::kNotFound);
  EXPECT_EQ(files().open(at("a"), OpenMode::kReadWrite).error().code, Code::kNotFound);
  EXPECT_TRUE(files().open(at("a"), OpenMode::kCreateOnly));
  EXPECT_EQ(files().open(at("a"), OpenMode::kCreateOnly).error().code, Code::kConflict);
  EXPECT_TRUE(files().open(at("a"), OpenMode::kCreate));
  EXPECT_EQ(files().open(at("no/a"), OpenMode::kCreate).error().code, Code::kNotFound);
  EXPECT_EQ(code((*files().open(at("a"), OpenMode::kRead))->write_at(0, "x")), Code::kIo);
}

TEST_P(FilesTest, AFolderIsNoFile) {
  ASSERT_TRUE(files().make_directory(at("d")));
  EXPECT_EQ(files().open(at("d"), OpenMode::kRead).error().code, Code::kInvalidParams);
  EXPECT_EQ(files().open(at("d"), OpenMode::kReadWrite).error().code, Code::kInvalidParams);
}

// By a mapping or not: what is read is what was written last, also across growth and shortening.
TEST_P(FilesTest, WritesWithinAreReadLikeOthers) {
  const std::unique_ptr<File> file = *files().open(at("a"), OpenMode::kCreate);
  ASSERT_TRUE(file->write_at(0, std::string(5000, '.')));
  ASSERT_TRUE(file->write_within(4998, "ab"));
  ASSERT_TRUE(file->write_within(0, "cd"));
  EXPECT_EQ(*file->read_at(4996, 10), "..ab");
  EXPECT_EQ(*file->read_at(0, 3), "cd.");
  ASSERT_TRUE(file->write_at(0, "e"));
  ASSERT_TRUE(file->write_within(1, "f"));
  EXPECT_EQ(*file->read_at(0, 3), "ef.");
  ASSERT_TRUE(file->write_at(5000, std::string(5000, '-')));
  ASSERT_TRUE(file->write_within(9999, "g"));
  EXPECT_EQ(*file->read_at(9998, 5), "-g");
  ASSERT_TRUE(file->truncate(2));
  ASSERT_TRUE(file->write_within(1, "hi"));  // beyond the end: as write_at
  EXPECT_EQ(*file->read_at(0, 9), "ehi");
}

TEST_P(FilesTest, NothingIsWrittenThroughALink) {
  if (!GetParam()) {
    return;  // the double has no links
  }
  ASSERT_TRUE(write_file(files(), at("other"), "precious"));
  ASSERT_EQ(symlink("other", at("link").c_str()), 0);
  for (const OpenMode mode : {OpenMode::kReadWrite, OpenMode::kCreate, OpenMode::kCreateOnly}) {
    EXPECT_FALSE(files().open(at("link"), mode));
  }
  EXPECT_FALSE(files().lock(at("link"), "me"));
  EXPECT_EQ(*read_file(files(), at("link")), "precious") << "reading follows it";
  ASSERT_TRUE(write_file(files(), at("link"), "new"));
  EXPECT_EQ(*read_file(files(), at("other")), "precious") << "the link was replaced";
}

TEST(FileMode, AFolderIsClosedWhenOnlyItsOwnerWritesInIt) {
  std::string folder = testing::TempDir() + "/pawl-mode-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  for (const auto& [mode, is_closed] : {std::pair{0700u, true},
                                        {0755u, true},
                                        {0500u, true},
                                        {0770u, false},
                                        {0702u, false},
                                        {01777u, false},
                                        {0777u, false}}) {
    ASSERT_EQ(chmod(folder.c_str(), mode), 0);
    const Status closed = require_closed_folder(folder);
    EXPECT_EQ(closed.has_value(), is_closed) << std::oct << mode;
    EXPECT_TRUE(closed ||
                (closed.error().code == Code::kForbidden &&
                 closed.error().message.find("chmod go-w " + folder) != std::string::npos));
  }
  std::filesystem::remove_all(folder);
  EXPECT_EQ(require_closed_folder(folder).error().code, Code::kNotFound);
}

// The open of a pipe waits for whoever writes into it: this test would never end.
TEST_P(FilesTest, APipeASocketAndADeviceAreRefusedAtOnce) {
  if (!GetParam()) {
    return;  // the double has files and folders only
  }
  ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
  ASSERT_EQ(symlink("pipe", at("link").c_str()), 0);
  for (const auto& [path, found] : {std::pair{at("pipe"), "a pipe"},
                                    {at("link"), "a pipe"},
                                    {std::string("/dev/zero"), "a device"}}) {
    for (const OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite, OpenMode::kCreate}) {
      const auto opened = files().open(path, mode);
      ASSERT_FALSE(opened) << path;
      EXPECT_EQ(opened.error().code, Code::kInvalidParams);
      EXPECT_EQ(opened.error().message, path + ": expected a regular file, found " + found);
    }
    EXPECT_EQ(read_file(files(), path).error().code, Code::kInvalidParams);
  }
}

// By whole blocks or not: what is read is what a plain file of the same writes would hold, whoever
// reads it, and whatever was written by other means in between.
TEST_P(FilesTest, DurableAppendsAreReadLikeOthers) {
  std::mt19937_64 random(20261126);
  const auto below = [&random](std::uint64_t most) { return random() % most; };
  for (int round = 0; round < 8; ++round) {
    const std::string path = at("a" + std::to_string(round));
    const std::unique_ptr<File> file = *files().open(path, OpenMode::kCreate);
    const std::unique_ptr<File> other = *files().open(path, OpenMode::kReadWrite);
    std::string expected(below(200'000), '\0');
    ASSERT_TRUE(file->write_at(0, expected));
    ASSERT_TRUE(file->sync());
    std::size_t end = below(5000);
    for (int i = 0; i < 60; ++i) {
      const std::string bytes(1 + below(i % 10 == 9 ? 20'000 : 3000),
                              static_cast<char>('a' + i % 26));
      expected.resize(std::max(expected.size(), end + bytes.size()), '\0');
      expected.replace(end, bytes.size(), bytes);
      ASSERT_TRUE(file->append_durably(end, bytes));
      end += bytes.size();
      ASSERT_EQ(*file->read_at(0, expected.size() + 1), expected) << round << " " << i;
      ASSERT_EQ(*other->read_at(0, expected.size() + 1), expected) << round << " " << i;
      if (i % 13 == 12) {  // somebody writes before the end, in the same block
        expected[end - 1] = '#';
        ASSERT_TRUE(file->write_at(end - 1, "#"));
        if (i % 2 == 0) {
          ASSERT_TRUE(file->sync());
        }
      }
    }
  }
}

TEST_P(FilesTest, ReadsWhatWasWritten) {
  const std::unique_ptr<File> file = std::move(*files().open(at("a"), OpenMode::kCreate));
  ASSERT_TRUE(file->write_at(3, "abc"));
  EXPECT_EQ(file->size().value(), 6u);
  EXPECT_EQ(file->read_at(0, 100).value(), std::string("\0\0\0abc", 6));
  EXPECT_EQ(file->read_at(4, 1).value(), "b");
  EXPECT_EQ(file->read_at(6, 10).value(), "");
  EXPECT_EQ(file->read_at(100, 10).value(), "");
  ASSERT_TRUE(file->truncate(4));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(read_file(files(), at("a")).value(), std::string("\0\0\0a", 4));
}

TEST_P(FilesTest, KeepsNames) {
  ASSERT_TRUE(files().make_directory(at("d")));
  EXPECT_TRUE(files().make_directory(at("d")));
  ASSERT_TRUE(write_file(files(), at("d/b"), "1"));
  ASSERT_TRUE(write_file(files(), at("d/a"), "2"));
  EXPECT_EQ(code(files().make_directory(at("d/a"))), Code::kConflict);
  EXPECT_EQ(code(files().make_directory(at("no/d"))), Code::kNotFound);
  EXPECT_EQ(files().list(at("d")).value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(files().list(at("no")).error().code, Code::kNotFound);
  ASSERT_TRUE(files().rename(at("d/a"), at("d/b")));
  EXPECT_FALSE(files().exists(at("d/a")));
  EXPECT_EQ(read_file(files(), at("d/b")).value(), "2");
  EXPECT_EQ(code(files().rename(at("d/a"), at("d/c"))), Code::kNotFound);
  ASSERT_TRUE(files().remove(at("d/b")));
  EXPECT_EQ(code(files().remove(at("d/b"))), Code::kNotFound);
  EXPECT_TRUE(files().sync_directory(at("d")));
  EXPECT_EQ(code(files().sync_directory(at("no"))), Code::kNotFound);
}

TEST_P(FilesTest, ReadsNoMoreThanAsked) {
  ASSERT_TRUE(write_file(files(), at("a"), "12345"));
  EXPECT_EQ(read_file(files(), at("a"), 5).value(), "12345");
  EXPECT_EQ(read_file(files(), at("a"), 4).error().code, Code::kTooLarge);
}

TEST_P(FilesTest, ReplacesAFileOverALeftOverTemporary) {
  ASSERT_TRUE(write_file(files(), at("a"), "old"));
  ASSERT_TRUE(write_file(files(), at("a.tmp"), "left over by a crash"));
  ASSERT_TRUE(write_file(files(), at("a"), "new"));
  EXPECT_EQ(read_file(files(), at("a")).value(), "new");
  EXPECT_EQ(files().list(root_).value(), std::vector<std::string>{"a"});
}

TEST_P(FilesTest, RefusesASecondLockAndNamesTheFirst) {
  Result<std::unique_ptr<FileLock>> first = files().lock(at("lock"), "gateway on port 7480");
  ASSERT_TRUE(first);
  const Result<std::unique_ptr<FileLock>> second = files().lock(at("lock"), "other");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_NE(second.error().message.find("gateway on port 7480"), std::string::npos);
  first->reset();
  EXPECT_TRUE(files().lock(at("lock"), "other"));
}

TEST_P(FilesTest, KnowsTheFreeSpace) {
  EXPECT_GT(files().free_bytes(root_).value(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Both, FilesTest, testing::Values(true, false),
                         [](const auto& machine) { return machine.param ? "Machine" : "Double"; });

TEST(PosixFiles, KeepsFilesToTheOwner) {
  std::string root = testing::TempDir() + "/pawl-modes-XXXXXX";
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  ASSERT_TRUE(system_files().make_directory(root + "/d"));
  ASSERT_TRUE(write_file(system_files(), root + "/d/f", "x"));
  struct stat info {};
  ASSERT_EQ(stat((root + "/d").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_EQ(stat((root + "/d/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::filesystem::remove_all(root);
}

TEST(PosixFiles, NamesThePathAndTheReason) {
  const Error error = system_files().open("/dev/null/x", OpenMode::kRead).error();
  EXPECT_EQ(error.code, Code::kIo);
  EXPECT_EQ(error.message, "/dev/null/x: cannot open: Not a directory");
}

TEST(PosixFiles, NeverClaimsDurabilityAfterAFailedSync) {
  const std::string path = "/proc/self/comm";  // procfs cannot be synced
  const std::unique_ptr<File> file = std::move(*system_files().open(path, OpenMode::kReadWrite));
  EXPECT_EQ(file->sync().error().code, Code::kIo);
  EXPECT_NE(file->sync().error().message.find("an earlier sync failed"), std::string::npos);
}

TEST(Files, KnowsTheFolderOfAPath) {
  EXPECT_EQ(directory_of("a/b/c"), "a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
}

}  // namespace
}  // namespace pawl
