#include "app/daemon/account_store.h"

#include <gtest/gtest.h>

#include "app/daemon/account_check.h"
#include "operators/sign_in/totp.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

constexpr std::int64_t kNow = 1'795'464'000;
constexpr std::string_view kSecret = "12345678901234567890";
// Of "password", by the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
constexpr const char* kHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const sign_in::RelyingParty kParty{"localhost", "http://localhost:7701"};

Status add_ada(AccountStore& store) {
  return store.change([](sign_in::AccountList& list) -> Status {
    list.accounts.push_back({"ada",
                             {*sign_in::parse_grant("admin")},
                             kHash,
                             sign_in::Totp{std::string(kSecret), 0},
                             {}});
    return {};
  });
}

SignIns::Shown shown(const std::string& user, const std::string& password, std::int64_t step) {
  return {user, password, {.code = sign_in::totp_code(kSecret, step)}};
}

std::string outcome(const Result<sign_in::Person>& person) {
  return person ? person->name : std::string(code_name(person.error().code));
}

class AccountStoreTest : public testing::Test {
 protected:
  AccountStoreTest() { EXPECT_TRUE(make_durable_directory(*files_, "/d")); }
  AccountStore store() { return {*files_, DataFolder{"/d"}}; }

  std::unique_ptr<FaultFiles> files_ = std::make_unique<FaultFiles>();
  const std::int64_t step_ = kNow / sign_in::kTotpStepSeconds;
};

TEST_F(AccountStoreTest, WithoutAFileThereIsNobody) {
  AccountStore accounts = store();
  EXPECT_TRUE(accounts.read()->accounts.empty());
  EXPECT_EQ(outcome(check_account(accounts, shown("ada", "password", step_), kParty, kNow)),
            "unauthenticated");
}

TEST_F(AccountStoreTest, PasswordAndCodeOpenOnce) {
  AccountStore accounts = store();
  ASSERT_TRUE(add_ada(accounts));
  const auto check = [&](const SignIns::Shown& one) {
    return outcome(check_account(accounts, one, kParty, kNow));
  };
  EXPECT_EQ(check(shown("ada", "Password", step_)), "unauthenticated");
  EXPECT_EQ(check(shown("bob", "password", step_)), "unauthenticated");
  EXPECT_EQ(check(shown("ada", "password", step_ + 2)), "unauthenticated");
  EXPECT_EQ(check({"ada", "password", {}}), "unauthenticated");
  EXPECT_EQ(check(shown("ada", "password", step_)), "ada");
  EXPECT_EQ(check(shown("ada", "password", step_)), "unauthenticated");
  EXPECT_EQ(store().read()->find("ada")->totp->used_step, step_);
}

TEST_F(AccountStoreTest, AFileThatDoesNotReadLetsNobodyIn) {
  AccountStore accounts = store();
  ASSERT_TRUE(add_ada(accounts));
  ASSERT_TRUE(write_file(*files_, "/d/accounts/accounts.json", "{}"));
  EXPECT_EQ(outcome(check_account(accounts, shown("ada", "password", step_), kParty, kNow)),
            "malformed");
  EXPECT_FALSE(add_ada(accounts));
}

TEST_F(AccountStoreTest, ACodeThatCannotBeUsedUpDoesNotCount) {
  AccountStore accounts = store();
  ASSERT_TRUE(add_ada(accounts));
  files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  EXPECT_EQ(outcome(check_account(accounts, shown("ada", "password", step_), kParty, kNow)), "io");
}

// Cut at every call in turn: an account that was made is there, and no code counts twice.
TEST_F(AccountStoreTest, OutlivesAPowerCut) {
  bool is_cut = true;
  for (std::uint64_t call = 1; is_cut; ++call) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      files_ = std::make_unique<FaultFiles>();
      ASSERT_TRUE(make_durable_directory(*files_, "/d"));
      files_->cut_power_at(files_->calls() + call);
      AccountStore before = store();
      const bool made = add_ada(before).has_value();
      const auto asked = shown("ada", "password", step_);
      const bool opened = made && check_account(before, asked, kParty, kNow).has_value();
      is_cut = files_->off();
      files_ = files_->power_cut(seed);
      AccountStore after = store();
      ASSERT_TRUE(after.read()) << call << ", seed " << seed;
      EXPECT_TRUE(!made || after.read()->find("ada") != nullptr) << call << ", seed " << seed;
      EXPECT_TRUE(!opened || !check_account(after, asked, kParty, kNow))
          << call << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace pawl
