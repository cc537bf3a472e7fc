// Every bit of the journal's used slots and random bits of the free ones, flipped in turn:
// the same stops are in force, or everything is stopped.
#include <gtest/gtest.h>

#include "operators/override/override_journal.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl::override_ {
namespace {

constexpr std::size_t kUsedSlots = 4;

// Under a sanitizer, which makes this slow, one byte of 16.
#if defined(__SANITIZE_ADDRESS__) || defined(_GLIBCXX_ASSERTIONS)
constexpr std::size_t kStep = 16;
#else
constexpr std::size_t kStep = 1;
#endif

class JournalFlips : public ::testing::Test {
 protected:
  struct InForce {
    std::vector<std::string> stops, revocations;
    bool is_damaged = false;
    bool operator==(const InForce&) const = default;
  };

  Stop stop(const char* scope) {
    return {Uuid::v7(clock_.wall(), random_), *parse_scope(scope), "night", "ann", clock_.wall()};
  }
  InForce read(const std::string& bytes) {
    FaultFiles files;
    files.put("journal", bytes);
    std::vector<Stop> stops;
    auto journal = OverrideJournal::open(files, "journal", clock_, stops);
    InForce out;
    if (!journal) {
      out.is_damaged = true;  // no start at all
      return out;
    }
    for (const Stop& one : stops) {
      if (OverrideJournal::is_damage(one)) {
        out.is_damaged = one.scope.text() == "all";
      } else {
        out.stops.push_back(one.id.text() + " " + one.scope.text() + " " + one.reason);
      }
    }
    for (const Revocation& one : (*journal)->take_revocations()) {
      out.revocations.push_back(json::print(print_revocation(one)));
    }
    return out;
  }
  void flip(std::string bytes, std::size_t at, unsigned bit, const InForce& whole) {
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    const InForce found = read(bytes);
    EXPECT_TRUE(found == whole || found.is_damaged)
        << "byte " << at << " bit " << bit << ": other stops, and nobody is told";
    noticed_ += found.is_damaged ? 1 : 0;
  }

  SteppedClock clock_;
  SeededRandom random_{11};
  std::uint64_t noticed_ = 0;
};

TEST_F(JournalFlips, AFlippedBitChangesNothingOrStopsAll) {
  FaultFiles files;
  std::vector<Stop> none;
  {
    auto journal = *OverrideJournal::open(files, "journal", clock_, none);
    const Stop lifted = stop("agent:lifted");
    ASSERT_TRUE(journal->record(stop("agent:triage")));
    ASSERT_TRUE(journal->record(lifted));
    ASSERT_TRUE(journal->record(stop("all")));
    ASSERT_TRUE(journal->record(
        Revocation{Uuid::v7(clock_.wall(), random_), "key:k1", "lost", "ann", clock_.wall()}));
    ASSERT_TRUE(journal->erase(lifted.id));
  }
  const std::string good = *files.contents("journal");
  const InForce whole = read(good);
  ASSERT_EQ(whole.stops.size(), 2u);
  ASSERT_EQ(whole.revocations.size(), 1u);
  ASSERT_FALSE(whole.is_damaged);
  const std::size_t used = kUsedSlots * OverrideJournal::kSlotBytes;
  for (std::size_t at = 0; at < used; at += kStep) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      flip(good, at, bit, whole);
    }
  }
  EXPECT_GT(noticed_, used / kStep) << "what a slot says is covered";
  for (std::size_t at = used; at < good.size(); at += 1 + random_.below(64 * kStep)) {
    flip(good, at, static_cast<unsigned>(random_.below(8)), whole);
  }
}

}  // namespace
}  // namespace pawl::override_
