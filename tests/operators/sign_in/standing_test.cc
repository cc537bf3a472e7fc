#include "operators/sign_in/standing.h"

#include <gtest/gtest.h>

#include "foundation/crypto/signing_key.h"

namespace pawl::sign_in {
namespace {

Passkey passkey(const std::string& credential) {
  static const PublicKey kKey = SigningKey::generate(KeyKind::kP256)->public_key();
  return {credential, "localhost", kKey, 1};
}

Account ada() {
  Account out;
  out.name = "ada";
  out.grants = {*parse_grant("operator@server:files"), *parse_grant("viewer")};
  out.password_hash = "a hash";
  out.totp = Totp{"12345678901234567890", 7};
  out.passkeys = {passkey("one")};
  return out;
}

TEST(Standing, SessionsEndWithWhatTheyRestOn) {
  const struct {
    const char* name;
    std::function<void(Account&)> change;
    bool goes_on;
    std::vector<std::string> differs;
  } cases[] = {
      {"nothing", [](Account&) {}, true, {}},
      {"a code was used", [](Account& a) { a.totp->used_step = 8; }, true, {}},
      {"a passkey was used", [](Account& a) { a.passkeys[0].counter = 9; }, true, {}},
      {"another password", [](Account& a) { a.password_hash = "b"; }, false, {"password"}},
      {"another code", [](Account& a) { a.totp->secret[0] = 'x'; }, false, {"code"}},
      {"no code", [](Account& a) { a.totp.reset(); }, false, {"code"}},
      {"a passkey more",
       [](Account& a) { a.passkeys.push_back(passkey("two")); },
       true,
       {"passkeys"}},
      {"no passkey", [](Account& a) { a.passkeys.clear(); }, false, {"passkeys"}},
      {"another key of the same name",
       [](Account& a) {
         a.passkeys[0].key = SigningKey::generate(KeyKind::kEd25519)->public_key();
       },
       false,
       {"passkeys"}},
      {"a grant more",
       [](Account& a) { a.grants.push_back(*parse_grant("admin")); },
       true,
       {"grants"}},
      {"a wider grant",
       [](Account& a) { a.grants[0] = *parse_grant("operator"); },
       true,
       {"grants"}},
      {"a narrower grant",
       [](Account& a) { a.grants[0] = *parse_grant("operator@tool:files/read"); },
       false,
       {"grants"}},
      {"a grant less", [](Account& a) { a.grants.erase(a.grants.begin()); }, false, {"grants"}},
      {"all of it",
       [](Account& a) {
         a.password_hash = "b";
         a.totp.reset();
         a.passkeys.clear();
         a.grants = {*parse_grant("viewer")};
       },
       false,
       {"code", "grants", "passkeys", "password"}},
  };
  const Account before = ada();
  for (const auto& one : cases) {
    Account now = ada();
    one.change(now);
    EXPECT_EQ(goes_on(before.grants, standing_of(before), &now), one.goes_on) << one.name;
    EXPECT_EQ(differences(before, now), one.differs) << one.name;
  }
  EXPECT_FALSE(goes_on(before.grants, standing_of(before), nullptr)) << "the account is gone";
}

TEST(Standing, HasNoSecret) {
  const Standing standing = standing_of(ada());
  for (const std::string& text : {standing.password, standing.code}) {
    EXPECT_EQ(text.size(), 43u);
    EXPECT_EQ(text.find("hash"), std::string::npos);
    EXPECT_EQ(text.find("1234567890"), std::string::npos);
  }
}

}  // namespace
}  // namespace pawl::sign_in
