// What is kept of held calls: the arguments, and those that people put in their place.
#include "app/daemon/held_vault.h"

#include <gtest/gtest.h>

#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

constexpr WallTime kNow{1'794'000'000'000'000};

class HeldVaultTest : public ::testing::Test {
 protected:
  HeldVaultTest() { files_.set_free_bytes(1u << 30); }
  Uuid id() { return Uuid::v7(kNow, random_); }
  static std::string digest(std::size_t number) {
    return std::string(42, 'd') + static_cast<char>('A' + number);
  }

  FaultFiles files_;
  SeededRandom random_;
  HeldVault held_{files_, random_, "data"};
};

TEST_F(HeldVaultTest, ChangedArgumentsLieBesideTheOthersAndGoWithThem) {
  const Uuid one = id(), other = id();
  ASSERT_TRUE(held_.keep(one, "asked", kNow));
  ASSERT_TRUE(held_.keep(other, "another", kNow));
  ASSERT_TRUE(held_.keep_changed(one, digest(0), "changed", kNow));
  ASSERT_TRUE(held_.keep_changed(one, digest(0), "changed", kNow)) << "the same again";
  EXPECT_EQ(held_.read(one).value_or(""), "asked");
  EXPECT_EQ(held_.read_changed(one, digest(0)).value_or(""), "changed");
  EXPECT_FALSE(held_.read_changed(one, digest(1)));
  held_.keep_only({one});
  EXPECT_EQ(held_.read_changed(one, digest(0)).value_or(""), "changed");
  EXPECT_FALSE(held_.read(other));
  held_.erase(one);
  EXPECT_FALSE(held_.read(one));
  EXPECT_FALSE(held_.read_changed(one, digest(0)));
}

TEST_F(HeldVaultTest, SoManyChangesOfOneCallAndNoMore) {
  const Uuid one = id();
  for (std::size_t i = 0; i < HeldVault::kMostChanged; ++i) {
    ASSERT_TRUE(held_.keep_changed(one, digest(i), "x", kNow));
  }
  const Status more = held_.keep_changed(one, digest(HeldVault::kMostChanged), "x", kNow);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kOverloaded);
  EXPECT_TRUE(held_.keep_changed(id(), digest(0), "x", kNow)) << "another call's share";
}

}  // namespace
}  // namespace pawl
