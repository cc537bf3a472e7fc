#include "base/os/block_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

namespace pawl {
namespace {

using Outcome = BlockWriter::Outcome;

class BlockWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/pawl-blocks-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    path_ = root_ + "/a";
    make(path_, 3 << 20);
    struct statfs system {};
    ASSERT_EQ(::statfs(path_.c_str(), &system), 0);
    takes_blocks_ = system.f_type == EXT4_SUPER_MAGIC || system.f_type == XFS_SUPER_MAGIC;
  }
  void TearDown() override {
    ::close(fd_);
    std::filesystem::remove_all(root_);
  }
  void make(const std::string& path, std::size_t bytes) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    ASSERT_GE(fd_, 0);
    const std::string zeros(bytes, '\0');
    ASSERT_EQ(::pwrite(fd_, zeros.data(), bytes, 0), static_cast<ssize_t>(bytes));
    ASSERT_EQ(::fdatasync(fd_), 0);
  }
  Outcome append(std::uint64_t offset, std::string_view bytes) {
    return writer_.append(fd_, path_, offset, bytes);
  }

  std::string root_, path_;
  int fd_ = -1;
  bool takes_blocks_ = false;
  BlockWriter writer_;
};

// Without this a fallback would hide for ever that blocks are never written.
TEST_F(BlockWriterTest, WritesPastThePageCacheWhereTheDiskCan) {
  if (!takes_blocks_) {
    GTEST_SKIP() << "the temporary folder is on no file system of which this is known";
  }
  EXPECT_EQ(append(10, "one"), Outcome::kWritten);
  EXPECT_EQ(append(13, std::string(9000, 'x')), Outcome::kWritten);
  EXPECT_EQ(append(5 << 10, "elsewhere"), Outcome::kWritten);
}

TEST_F(BlockWriterTest, LeavesToOthersWhatIsNotForBlocks) {
  struct {
    const char* name;
    std::uint64_t offset;
    std::size_t bytes;
  } const cases[] = {
      {"nothing", 10, 0},
      {"more than the buffer may have", 0, (1 << 20) + 1},
      {"behind the end of the file", 3 << 20, 1},
      {"across the end of the file", (3 << 20) - 1, 2},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(append(c.offset, std::string(c.bytes, 'x')), Outcome::kUnable) << c.name;
  }
}

TEST_F(BlockWriterTest, NeverWritesIntoTheFileThatTookTheName) {
  std::filesystem::rename(path_, root_ + "/b");
  const int first = fd_;
  make(path_, 8192);
  EXPECT_EQ(writer_.append(first, path_, 0, "mine"), Outcome::kUnable);
  ::close(first);
  char bytes[4] = {};
  EXPECT_EQ(::pread(fd_, bytes, 4, 0), 4);
  EXPECT_EQ(std::string(bytes, 4), std::string(4, '\0'));
}

TEST_F(BlockWriterTest, AFailedWriteIsToldWithItsReason) {
  if (!takes_blocks_) {
    GTEST_SKIP() << "the temporary folder is on no file system of which this is known";
  }
  ASSERT_EQ(append(0, "x"), Outcome::kWritten);
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 8192, before.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Outcome outcome = append(16384, "x");
  const int reason = errno;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(outcome, Outcome::kFailed);
  EXPECT_EQ(reason, EFBIG);
}

}  // namespace
}  // namespace pawl
