#include "app/daemon/passkey_store.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

using sign_in::Passkey;
using sign_in::Person;
using sign_in::ProviderIdentity;

constexpr const char* kHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
constexpr const char* kPeople = "/d/accounts/provider_people.json";

Passkey passkey() {
  static int next = 0;
  return {base64url_encode("credential " + std::to_string(next++)), "localhost",
          SigningKey::generate(KeyKind::kP256)->public_key(), 0};
}

Person of_provider(const std::string& subject, const std::string& name = "ada",
                   const std::string& issuer = "https://idp.example.org") {
  return {name, {}, "oidc", ProviderIdentity{issuer, subject}};
}

const Person kLocal{"ada", {}, "password+totp"};

class PasskeyStoreTest : public testing::Test {
 protected:
  PasskeyStoreTest() { EXPECT_TRUE(make_durable_directory(*files_, "/d")); }

  Status add_account() {
    return AccountStore(*files_, DataFolder{"/d"}).change([](sign_in::AccountList& list) -> Status {
      list.accounts.push_back({"ada",
                               {*sign_in::parse_grant("admin")},
                               kHash,
                               sign_in::Totp{"12345678901234567890", 0},
                               {}});
      return {};
    });
  }
  // Each use opens the files anew, as after a restart.
  template <class Use>
  auto in_store(Use use) {
    AccountStore accounts(*files_, DataFolder{"/d"});
    PasskeyStore store(*files_, DataFolder{"/d"}, accounts);
    return use(store);
  }
  std::string add(const Person& person, const Passkey& one) {
    return outcome(in_store([&](PasskeyStore& store) { return store.add(person, one); }));
  }
  std::string remove(const Person& person, const std::string& kid) {
    return outcome(in_store([&](PasskeyStore& store) { return store.remove(person, kid); }));
  }
  std::size_t count_of(const Person& person) {
    const auto all = in_store([](PasskeyStore& store) { return store.all(); });
    EXPECT_TRUE(all);
    std::size_t out = 0;
    for (const AccountPasskey& one : all ? *all : std::vector<AccountPasskey>()) {
      out += one.is_of(person) ? 1 : 0;
    }
    return out;
  }
  static std::string outcome(const Status& status) {
    return status ? "done" : std::string(code_name(status.error().code));
  }

  std::unique_ptr<FaultFiles> files_ = std::make_unique<FaultFiles>();
};

TEST_F(PasskeyStoreTest, PeopleOfOneNameAreNotMixed) {
  ASSERT_TRUE(add_account());
  const Person one = of_provider("1"), two = of_provider("2"),
               elsewhere = of_provider("1", "ada", "https://new.example.org");
  EXPECT_EQ(add(one, passkey()), "done");
  EXPECT_EQ(add(one, passkey()), "done");
  EXPECT_EQ(add(kLocal, passkey()), "done");
  EXPECT_EQ(count_of(one), 2u);
  EXPECT_EQ(count_of(kLocal), 1u);
  EXPECT_EQ(count_of(two), 0u);
  EXPECT_EQ(count_of(elsewhere), 0u);
  EXPECT_EQ(add(two, passkey()), "done");
  EXPECT_EQ(add(elsewhere, passkey()), "done");
  EXPECT_EQ(count_of(one), 2u);
}

TEST_F(PasskeyStoreTest, AProvidersPersonHasNoAccountHere) {
  EXPECT_EQ(add(of_provider("1"), passkey()), "done");
  EXPECT_EQ(add(kLocal, passkey()), "forbidden");
  AccountStore accounts(*files_, DataFolder{"/d"});
  EXPECT_TRUE(accounts.read()->accounts.empty());
}

// A registration proves nothing of its key, so who knows a public key could claim it.
TEST_F(PasskeyStoreTest, AKeyHasOnePersonWhereverTheyAre) {
  ASSERT_TRUE(add_account());
  const Passkey of_account = passkey(), of_person = passkey();
  ASSERT_EQ(add(kLocal, of_account), "done");
  ASSERT_EQ(add(of_provider("1"), of_person), "done");
  const auto with_key_of = [](const Passkey& other) {
    Passkey out = passkey();
    out.key = other.key;
    return out;
  };
  EXPECT_EQ(add(of_provider("2"), of_account), "conflict");
  EXPECT_EQ(add(of_provider("2"), with_key_of(of_account)), "conflict");
  EXPECT_EQ(add(of_provider("2"), with_key_of(of_person)), "conflict");
  EXPECT_EQ(add(kLocal, of_person), "conflict");
  EXPECT_EQ(add(kLocal, with_key_of(of_person)), "conflict");
  EXPECT_EQ(add(kLocal, with_key_of(of_account)), "conflict");
}

TEST_F(PasskeyStoreTest, EachRemovesTheirOwnAlone) {
  ASSERT_TRUE(add_account());
  const Passkey one = passkey(), own = passkey();
  const std::string kid = one.key.thumbprint();
  ASSERT_EQ(add(of_provider("1"), one), "done");
  ASSERT_EQ(add(kLocal, own), "done");
  EXPECT_EQ(remove(of_provider("2"), kid), "not_found");
  EXPECT_EQ(remove(kLocal, kid), "not_found");
  EXPECT_EQ(remove(of_provider("1"), own.key.thumbprint()), "not_found");
  EXPECT_EQ(remove(of_provider("1"), kid), "done");
  EXPECT_EQ(remove(kLocal, own.key.thumbprint()), "done");
  EXPECT_EQ(count_of(of_provider("1")) + count_of(kLocal), 0u);
}

TEST_F(PasskeyStoreTest, WithoutASecondFactorAnAccountIsNotLeft) {
  ASSERT_TRUE(add_account());
  const Passkey own = passkey();
  ASSERT_EQ(add(kLocal, own), "done");
  AccountStore accounts(*files_, DataFolder{"/d"});
  ASSERT_TRUE(accounts.change([](sign_in::AccountList& list) -> Status {
    list.accounts[0].totp.reset();
    return {};
  }));
  EXPECT_EQ(remove(kLocal, own.key.thumbprint()), "conflict");
  EXPECT_EQ(count_of(kLocal), 1u);
}

TEST_F(PasskeyStoreTest, TheNameIsTheOneOfTheLastSignIn) {
  ASSERT_EQ(add(of_provider("1", "ada"), passkey()), "done");
  const auto rename = [&](const Person& person) {
    return in_store([&](PasskeyStore& store) { return store.rename(person); });
  };
  EXPECT_TRUE(rename(of_provider("2", "eve")));
  EXPECT_TRUE(rename(of_provider("1", "countess")));
  const auto all = in_store([](PasskeyStore& store) { return store.all(); });
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().account, "countess");
}

TEST_F(PasskeyStoreTest, AFileThatDoesNotReadFailsClosed) {
  ASSERT_TRUE(add_account());
  ASSERT_EQ(add(of_provider("1"), passkey()), "done");
  for (const char* text : {"", "{}", "{\"format\":2,\"people\":[]}"}) {
    ASSERT_TRUE(write_file(*files_, kPeople, text));
    EXPECT_FALSE(in_store([](PasskeyStore& store) { return store.all(); })) << text;
    EXPECT_EQ(add(of_provider("1"), passkey()), "malformed") << text;
    EXPECT_EQ(add(kLocal, passkey()), "malformed") << text;
    EXPECT_EQ(remove(of_provider("1"), "x"), "malformed") << text;
  }
}

// Cut at every call in turn: what was answered as done is there, and the file reads.
TEST_F(PasskeyStoreTest, OutlivesAPowerCut) {
  bool is_cut = true;
  for (std::uint64_t call = 1; is_cut; ++call) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      files_ = std::make_unique<FaultFiles>();
      ASSERT_TRUE(make_durable_directory(*files_, "/d"));
      ASSERT_EQ(add(of_provider("1"), passkey()), "done");
      files_->cut_power_at(files_->calls() + call);
      const bool made = add(of_provider("2"), passkey()) == "done";
      is_cut = files_->off();
      files_ = files_->power_cut(seed);
      EXPECT_EQ(count_of(of_provider("1")), 1u) << call << ", seed " << seed;
      EXPECT_TRUE(!made || count_of(of_provider("2")) == 1) << call << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace pawl
