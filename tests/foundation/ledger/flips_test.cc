// Every single bit of a small ledger, flipped in turn: harmless to what the ledger says, or
// noticed.
#include <gtest/gtest.h>

#include <map>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/note.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

constexpr std::uint64_t kEntries = 8;

// Under a sanitizer, which makes this slow, one byte of 64.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(_GLIBCXX_ASSERTIONS)
constexpr std::uint64_t kStep = 64;
#else
constexpr std::uint64_t kStep = 1;
#endif

// Eight entries, an intent that one of them closes, and one that is open.
void write_log(Files& files) {
  LedgerRig rig;
  auto ledger = rig.open(files);
  ASSERT_TRUE(ledger) << ledger.error().message;
  ASSERT_TRUE(append_intent_sync(**ledger, 3));
  for (std::uint64_t i = 0; i < kEntries; ++i) {
    ASSERT_TRUE(append_entry_sync(**ledger, i, LedgerRig::token(i), i == 3));
  }
  ASSERT_TRUE(append_intent_sync(**ledger, 100));
  (*ledger)->save_snapshot(kEntries, {1, "{}"});
}

// What the verifier pinned before anybody could alter anything.
Trust pinned(Files& files) {
  Trust trust = LedgerRig::trust();
  const Result<std::string> note = read_file(files, "ledger/checkpoint");
  const Result<TreeHead> head = open_checkpoint(*note, *VerifierKey::parse(trust.log_vkey));
  trust.pinned_size = head->size;
  trust.pinned_root = base64_encode(view(head->root));
  return trust;
}

std::uint64_t used_bytes(Files& files, const std::string& path) {
  const std::string bytes = *read_file(files, path);
  return bytes.find_last_not_of('\0') + 1;
}

struct Counts {
  std::uint64_t bad = 0, undecided = 0, harmless = 0;
};

// Flips each bit of the used bytes of `path` and verifies. With the pin, good is harmless: the same
// entries are there.
Counts flip_each_bit(Files& files, const std::string& path, const Trust& trust) {
  Counts counts;
  std::unique_ptr<File> file = *files.open(path, OpenMode::kReadWrite);
  const std::uint64_t size = used_bytes(files, path);
  for (std::uint64_t at = 0; at < size; at += kStep) {
    const std::string was = *file->read_at(at, 1);
    for (int bit = 0; bit < 8; ++bit) {
      const std::string flipped(1, static_cast<char>(was[0] ^ (1 << bit)));
      EXPECT_TRUE(file->write_at(at, flipped));
      const Report report = verify_folder(files, "ledger", trust);
      counts.bad += report.verdict == Verdict::kBad ? 1 : 0;
      counts.undecided += report.verdict == Verdict::kUnknown ? 1 : 0;
      if (report.verdict == Verdict::kGood) {
        ++counts.harmless;
        EXPECT_EQ(report.entries, kEntries) << path << " byte " << at << " bit " << bit;
      }
    }
    EXPECT_TRUE(file->write_at(at, was));
  }
  EXPECT_EQ(verify_folder(files, "ledger", trust).verdict, Verdict::kGood) << "all is as it was";
  return counts;
}

TEST(Flips, EveryBitOfEightEntriesIsHarmlessOrNoticed) {
  FaultFiles files;
  write_log(files);
  const Trust trust = pinned(files);
  ASSERT_EQ(trust.pinned_size, kEntries);
  ASSERT_EQ(verify_folder(files, "ledger", trust).verdict, Verdict::kGood);
  const std::map<std::string, bool> covered = {
      {"ledger/segments/000000000001.seg", true},
      {"ledger/checkpoint", true},
      {"ledger/snapshot", false},  // one that does not verify is not used: the log is replayed
      {"ledger/log.vkey", false},  // for convenience, never a trust root
  };
  for (const auto& [path, is_covered] : covered) {
    ASSERT_TRUE(files.exists(path)) << path;
    const Counts counts = flip_each_bit(files, path, trust);
    const std::uint64_t all = counts.bad + counts.undecided + counts.harmless;
    std::printf("  %-34s %6llu bits: %llu bad, %llu undecided, %llu harmless\n", path.c_str(),
                static_cast<unsigned long long>(all), static_cast<unsigned long long>(counts.bad),
                static_cast<unsigned long long>(counts.undecided),
                static_cast<unsigned long long>(counts.harmless));
    if (is_covered) {
      EXPECT_GT(counts.bad, all * 9 / 10) << path;
    } else {
      EXPECT_EQ(counts.bad, 0u) << path;
    }
  }
}

}  // namespace
}  // namespace pawl::ledger
