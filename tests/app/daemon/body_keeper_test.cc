// What is kept, what is not and why, and what of it is there after the end.
#include "app/daemon/body_keeper.h"

#include <gtest/gtest.h>

#include "base/limit_stat.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

constexpr WallTime kNovember{1'794'000'000'000'000};  // 2026-11-06
constexpr WallTime kDecember{1'797'000'000'000'000};  // 2026-12-11

std::uint64_t limit_count(std::string_view name) {
  std::uint64_t sum = 0;
  LimitStat::visit(
      [&](std::string_view limit, std::uint64_t count) { sum += limit == name ? count : 0; });
  return sum;
}

class BodyKeeperTest : public ::testing::Test {
 protected:
  BodyKeeperTest() { files_.set_free_bytes(1u << 30); }
  std::unique_ptr<BodyKeeper> open(BodyLimits limits = {}) {
    return std::make_unique<BodyKeeper>(files_, random_, "data", limits);
  }
  Uuid id() { return Uuid::v7(kNovember, random_); }
  std::string got(FaultFiles& files, const Uuid& record) {
    return vault::Vault(files, "data")
        .get_kept("body/" + record.text(), "body/2026-11", kNovember)
        .value_or("");
  }

  FaultFiles files_;
  SeededRandom random_;
};

TEST_F(BodyKeeperTest, WhatIsKeptSurvivesAKillAtOnceAndAPowerCutAfterTheEnd) {
  std::unique_ptr<BodyKeeper> keeper = open();
  const Uuid first = id(), second = id();
  EXPECT_EQ(keeper->keep(first, "one", kNovember), "body/2026-11");
  EXPECT_EQ(keeper->keep(second, "two", kNovember), "body/2026-11");
  EXPECT_EQ(keeper->keep(id(), "three", kDecember), "body/2026-12");
  EXPECT_EQ(got(files_, first), "one") << "as who is killed now leaves it";
  keeper.reset();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::unique_ptr<FaultFiles> after = files_.power_cut(seed);
    EXPECT_EQ(got(*after, first) + got(*after, second), "onetwo");
  }
}

TEST_F(BodyKeeperTest, EachLimitIsCountedAndWhatIsOverItIsNotKept) {
  struct Case {
    const char* limit;
    BodyLimits limits;
  };
  for (const Case& one :
       {Case{"kept_body_kib", {.body_bytes = 4}}, Case{"kept_bodies_mib", {.total_bytes = 4}},
        Case{"kept_bodies_space", {.free_bytes = std::uint64_t{1} << 30}}}) {
    const std::uint64_t before = limit_count(one.limit);
    std::unique_ptr<BodyKeeper> keeper = open(one.limits);
    EXPECT_EQ(keeper->keep(id(), "12345", kNovember), "") << one.limit;
    EXPECT_EQ(limit_count(one.limit), before + 1);
    EXPECT_NE(json::print(keeper->status()).find("not_kept"), std::string::npos);
  }
  EXPECT_TRUE(vault::Vault(files_, "data").kept()->objects == 0);
}

TEST_F(BodyKeeperTest, TheTotalIsOfWhatIsThere) {
  open()->keep(id(), std::string(3000, 'x'), kNovember);
  const std::uint64_t bytes = vault::Vault(files_, "data").kept()->bytes;
  std::unique_ptr<BodyKeeper> keeper = open({.total_bytes = bytes + 100});
  EXPECT_EQ(keeper->keep(id(), std::string(101, 'x'), kNovember), "");
  EXPECT_EQ(keeper->keep(id(), std::string(100, 'x'), kNovember), "body/2026-11");
}

TEST_F(BodyKeeperTest, AfterAnErasureTheNextBodyHasAnotherKey) {
  std::unique_ptr<BodyKeeper> keeper = open();
  const Uuid erased = id(), later = id();
  keeper->keep(erased, "one", kNovember);
  vault::Vault vault(files_, "data");
  const Result<std::vector<vault::Erasure>> order = vault.order_erasure("body/2026-11", kNovember);
  keeper->forget_key();
  EXPECT_EQ(keeper->keep(later, "two", kNovember), "body/2026-11");
  ASSERT_TRUE(vault.destroy(*order, later.text()));
  keeper->count_again();
  EXPECT_EQ(got(files_, erased), "");
  EXPECT_EQ(got(files_, later), "two");
  EXPECT_EQ(json::find(json::Value(keeper->status()), {"objects"})->to_number<int>(), 1);
}

TEST_F(BodyKeeperTest, ADiskThatFailsIsToldAndTheNextBodyIsKept) {
  std::unique_ptr<BodyKeeper> keeper = open();
  files_.fail_call(FaultFiles::Operation::kRename, 1, FaultFiles::Fault::kIo);
  EXPECT_EQ(keeper->keep(id(), "one", kNovember), "");
  EXPECT_EQ(keeper->keep(id(), "two", kNovember), "body/2026-11");
}

}  // namespace
}  // namespace pawl
