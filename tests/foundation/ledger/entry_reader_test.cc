// Entries in order, from the segments alone.
#include "foundation/ledger/entry_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "foundation/ledger/segment.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

constexpr std::uint64_t kEntries = 1'500;
constexpr std::size_t kEntryBytes = 400;  // so that they fill several segments of 128 KiB

std::string entry_text(std::uint64_t number) {
  std::string text = "entry " + std::to_string(number) + " ";
  text.resize(kEntryBytes + number % 7, 'x');
  return text;
}

struct EntryReaderTest : testing::Test {
  FaultFiles files;
  LedgerRig rig;
  std::unique_ptr<Ledger> log;

  void SetUp() override {
    log = *rig.open(files);
    append(0, kEntries);
  }
  void append(std::uint64_t first, std::uint64_t last) {
    Waiter waiter;
    for (std::uint64_t i = first; i < last; ++i) {
      log->append_entry({entry_text(i), test_id(i), false}, [&](Result<EntryRef> ref) {
        EXPECT_TRUE(ref);
        waiter.arrive();
      });
    }
    waiter.wait(last - first);
  }
  static std::vector<std::string> expected(std::uint64_t first, std::uint64_t count) {
    std::vector<std::string> out;
    for (std::uint64_t i = first; i < first + count; ++i) {
      out.push_back(entry_text(i));
    }
    return out;
  }
};

TEST_F(EntryReaderTest, ReadsEveryBundleAndEachEntryOnce) {
  ASSERT_GT(list_segments(files, "ledger")->size(), 3u);
  EntryReader reader(files, "ledger");
  for (std::uint64_t first = 0; first < kEntries; first += 256) {
    const std::uint64_t count = std::min<std::uint64_t>(256, kEntries - first);
    const Result<std::vector<std::string>> read = reader.read(first, count);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, expected(first, count)) << first;
  }
  EXPECT_EQ(reader.looked_at(), kEntries);
}

TEST_F(EntryReaderTest, ReadsFromAnywhereInAnyOrder) {
  EntryReader reader(files, "ledger");
  for (const std::uint64_t first : {1'499u, 0u, 700u, 699u, 256u, 1u, 1'200u}) {
    const std::uint64_t count = std::min<std::uint64_t>(200, kEntries - first);
    const Result<std::vector<std::string>> read = reader.read(first, count);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, expected(first, count)) << first;
  }
}

TEST_F(EntryReaderTest, ReadersByTurnsDoNotCostEachOther) {
  EntryReader reader(files, "ledger");
  for (std::uint64_t first = 0; first + 50 <= 700; first += 50) {
    ASSERT_TRUE(reader.read(first, 50));
    ASSERT_TRUE(reader.read(700 + first, 50));
  }
  // The second one's first read passed over the part of its segment that it did not want.
  EXPECT_LT(reader.looked_at(), 1'400u + 700u);
}

TEST_F(EntryReaderTest, GoesOnWhereTheLogGrew) {
  EntryReader reader(files, "ledger");
  ASSERT_TRUE(reader.read(0, kEntries));
  EXPECT_EQ(reader.read(kEntries, 1).error().code, Code::kNotFound);
  append(kEntries, kEntries + 10);
  EXPECT_EQ(reader.read(kEntries, 10).value(), expected(kEntries, 10));
}

TEST_F(EntryReaderTest, SaysWhereTheLogEndsAndWhereItIsDamaged) {
  EntryReader reader(files, "ledger");
  EXPECT_EQ(reader.read(kEntries - 1, 2).error().message, "no entry 1500");
  EXPECT_EQ(EntryReader(files, "nowhere").read(0, 1).error().code, Code::kNotFound);

  const std::string path = segment_path("ledger", 1);
  std::string bytes = *read_file(files, path);
  bytes[bytes.find("entry 7 ")] ^= 1;
  ASSERT_TRUE(write_file(files, path, bytes));
  const Result<std::vector<std::string>> read = EntryReader(files, "ledger").read(0, 20);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kBadSignature);
  EXPECT_NE(read.error().message.find("segment 000000000001.seg offset"), std::string::npos);
  EXPECT_NE(read.error().message.find("entry 7"), std::string::npos);
}

}  // namespace
}  // namespace pawl::ledger
