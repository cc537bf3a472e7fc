#include "base/os/file_stamp.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"

namespace pawl {
namespace {

TEST(FileStamp, AFileInThePlaceOfAnotherIsAnother) {
  const std::string path = testing::TempDir() + "/pawl-stamped";
  std::filesystem::remove(path);
  const FileStamp none = *stamp_of(path);
  EXPECT_FALSE(none.is_there);
  EXPECT_EQ(none, *stamp_of(path));
  ASSERT_TRUE(write_file(system_files(), path, "one"));
  const FileStamp one = *stamp_of(path);
  EXPECT_TRUE(one.is_there);
  EXPECT_EQ(one, *stamp_of(path));
  EXPECT_NE(one, none);
  ASSERT_TRUE(write_file(system_files(), path, "two"));
  EXPECT_NE(*stamp_of(path), one) << "as long as before";
  const FileStamp two = *stamp_of(path);
  std::ofstream(path) << "three";
  EXPECT_NE(*stamp_of(path), two);
  std::filesystem::remove(path);
  EXPECT_EQ(*stamp_of(path), none);
}

TEST(FileStamp, AFileThatWasJustChangedMayChangeAgainUnseen) {
  FileStamp stamp;
  EXPECT_TRUE(stamp.settled_at(WallTime{0})) << "no file";
  stamp.is_there = true;
  stamp.changed_ns = 5'000'000'000;
  EXPECT_FALSE(stamp.settled_at(WallTime{5'999'999}));
  EXPECT_FALSE(stamp.settled_at(WallTime{1'000'000})) << "a clock that was set back";
  EXPECT_TRUE(stamp.settled_at(WallTime{6'000'000}));
}

}  // namespace
}  // namespace pawl
