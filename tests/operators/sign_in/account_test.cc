#include "operators/sign_in/account.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "operators/sign_in/totp.h"
#include "tests/foundation/crypto/vectors.h"

namespace pawl::sign_in {
namespace {

using testing::base64url_of;
using testing::text_of;

constexpr std::int64_t kNow = 1'795'464'000;
constexpr const char* kHash =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

json::Value first_vector() {
  return testing::vectors("webauthn/passkeys.json", "assertions").front();
}

Account ada() {
  const json::Value row = first_vector();
  Account out;
  out.name = "ada";
  out.grants = {*parse_grant("admin"), *parse_grant("operator@server:files")};
  out.password_hash = kHash;
  out.totp = Totp{"12345678901234567890", 7};
  out.passkeys = {{text_of(row, "credential"), text_of(row, "rp_id"),
                   *PublicKey::from_jwk(*json::find(row, {"key"})), 7}};
  return out;
}

RelyingParty party() {
  return {"pawl.example.org", "https://pawl.example.org"};
}

TEST(AccountList, ReadsWhatItPrints) {
  AccountList list;
  EXPECT_TRUE(AccountList::parse(list.print())->accounts.empty());
  list.accounts = {ada(), Account{"bob", {*parse_grant("viewer")}, kHash, {}, {}}};
  const Result<AccountList> read = AccountList::parse(list.print());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->print(), list.print());
  ASSERT_NE(read->find("ada"), nullptr);
  EXPECT_EQ(read->find("ada")->grants, ada().grants);
  EXPECT_EQ(read->find("ada")->totp->used_step, 7);
  EXPECT_EQ(read->find("carol"), nullptr);
}

TEST(AccountList, IsReadStrictly) {
  const struct {
    const char* name;
    std::function<void(json::Object&)> change;  // of the one account
  } cases[] = {
      {"a member that is not known", [](json::Object& a) { a["x"] = 1; }},
      {"no name", [](json::Object& a) { a.erase("name"); }},
      {"a name with a space", [](json::Object& a) { a["name"] = "a b"; }},
      {"no grants", [](json::Object& a) { a["grants"] = json::Array{}; }},
      {"a role that is not known", [](json::Object& a) { a["grants"] = json::Array{"root"}; }},
      {"grants as a text", [](json::Object& a) { a["grants"] = "admin"; }},
      {"a password", [](json::Object& a) { a["password"] = "correct horse battery"; }},
      {"a hash of another kind",
       [](json::Object& a) { a["password"] = "$argon2i$v=19$m=65536,t=2,p=1$c29t$CTFh"; }},
      {"a hash that costs too much memory",
       [](json::Object& a) { a["password"] = "$argon2id$v=19$m=4194304,t=2,p=1$c29t$CTFh"; }},
      {"a hash that costs too much time",
       [](json::Object& a) { a["password"] = "$argon2id$v=19$m=65536,t=1000,p=1$c29t$CTFh"; }},
      {"a short secret",
       [](json::Object& a) { a["totp"].as_object()["secret"] = base64url_encode("short"); }},
      {"a step below 0", [](json::Object& a) { a["totp"].as_object()["used"] = -1; }},
      {"a totp member that is not known", [](json::Object& a) { a["totp"].as_object()["x"] = 1; }},
      {"a passkey twice",
       [](json::Object& a) {
         json::Array& list = a["passkeys"].as_array();
         list.push_back(json::Value(list[0]));
       }},
      {"a counter above 32 bits",
       [](json::Object& a) {
         a["passkeys"].as_array()[0].as_object()["counter"] = std::int64_t{1} << 32;
       }},
      {"a credential in base64",
       [](json::Object& a) { a["passkeys"].as_array()[0].as_object()["credential"] = "AA=="; }},
      {"a private key",
       [](json::Object& a) {
         a["passkeys"].as_array()[0].as_object()["key"].as_object()["d"] = "AA";
       }},
  };
  AccountList one;
  one.accounts = {ada()};
  for (const auto& wrong : cases) {
    json::Value whole = json::parse(one.print())->value;
    json::Array& accounts = whole.as_object()["accounts"].as_array();
    wrong.change(accounts[0].as_object());
    const Result<AccountList> read = AccountList::parse(json::print(whole));
    EXPECT_FALSE(read) << wrong.name;
    EXPECT_EQ(read ? Code::kInternal : read.error().code, Code::kMalformed) << wrong.name;
  }
  json::Value twice = json::parse(one.print())->value;
  json::Array& accounts = twice.as_object()["accounts"].as_array();
  accounts.push_back(json::Value(accounts[0]));
  EXPECT_FALSE(AccountList::parse(json::print(twice)));
  for (const char* text :
       {"", "[]", "{}", R"({"format":2,"accounts":[]})", R"({"format":1,"accounts":[],"x":1})",
        R"({"format":1,"accounts":{}})"}) {
    EXPECT_FALSE(AccountList::parse(text)) << text;
  }
}

TEST(SecondFactorTest, IsNeededAndUsedUp) {
  const std::int64_t step = kNow / kTotpStepSeconds;
  const std::string code = totp_code("12345678901234567890", step);
  const Result<Account> used = check_second_factor(ada(), {.code = code}, party(), kNow);
  ASSERT_TRUE(used);
  EXPECT_EQ(used->totp->used_step, step);
  EXPECT_FALSE(check_second_factor(*used, {.code = code}, party(), kNow));
  EXPECT_FALSE(check_second_factor(ada(), {}, party(), kNow));
  EXPECT_FALSE(check_second_factor(ada(), {.code = "000000"}, party(), kNow));
  Account bare = ada();
  bare.totp.reset();
  bare.passkeys.clear();
  EXPECT_FALSE(check_second_factor(bare, {.code = code}, party(), kNow));
  EXPECT_FALSE(check_second_factor(bare, {}, party(), kNow));
}

TEST(SecondFactorTest, APasskeyIsOneAndItsCounterMoves) {
  const json::Value row = first_vector();
  const Assertion assertion{text_of(row, "credential"), base64url_of(row, "authenticator_data"),
                            base64url_of(row, "client_data"), base64url_of(row, "signature")};
  const SecondFactor shown{"", assertion, sha256("a challenge")};
  const Result<Account> used = check_second_factor(ada(), shown, party(), kNow);
  ASSERT_TRUE(used);
  EXPECT_EQ(used->passkeys.front().counter, 8u);
  EXPECT_FALSE(check_second_factor(*used, shown, party(), kNow));
  EXPECT_FALSE(check_second_factor(ada(), {"", assertion, sha256("another")}, party(), kNow));
  Account without = ada();
  without.passkeys.clear();
  EXPECT_FALSE(check_second_factor(without, shown, party(), kNow));
  // A bad passkey is not made good by a code.
  const std::string code = totp_code("12345678901234567890", kNow / kTotpStepSeconds);
  EXPECT_FALSE(check_second_factor(ada(), {code, assertion, sha256("another")}, party(), kNow));
}

}  // namespace
}  // namespace pawl::sign_in
