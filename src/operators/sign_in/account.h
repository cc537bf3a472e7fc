// The people who sign in here by themselves: name, password, second factor, grants.
//
// Purpose:    the value behind DATA/accounts/accounts.json, its text, and what a sign-in uses up.
// Threading:  plain values, pure functions.
// Errors:     parse: kMalformed with the JSON Pointer; check_second_factor: kUnauthenticated.
// Not errors: an account without a second factor: it cannot sign in.
// Rule:       a good password alone opens nothing.
// Source:     docs/formats/accounts.md.
//
// Example:
//   Result<Account> used = check_second_factor(account, {.code = code}, party, now_s);
//   if (used) { keep it, durably, and only then open the session }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/sign_in/role_scope.h"
#include "operators/sign_in/webauthn.h"

namespace pawl::sign_in {

struct Totp {
  std::string secret;          // kTotpSecretBytes
  std::int64_t used_step = 0;  // the last one that counted
};

struct Account {
  static constexpr std::size_t kMostPasskeys = 8;

  std::string name;           // accounts.h: is_account_name
  std::vector<Grant> grants;  // 1 to kMostGrants
  std::string password_hash;  // password_hash.h
  std::optional<Totp> totp;
  std::vector<Passkey> passkeys;
};

struct AccountList {
  static constexpr std::size_t kMost = 1024;

  std::vector<Account> accounts;  // no two of one name, no credential twice

  static Result<AccountList> parse(std::string_view text);
  std::string print() const;  // parse(print()) gives the same
  const Account* find(std::string_view name) const;
  Account* find(std::string_view name);
};

struct SecondFactor {
  std::string code{};                    // of the phone; empty: none
  std::optional<Assertion> assertion{};  // of a passkey, on `challenge`
  Digest challenge{};
};

// The account with the counter or step that this used up. One of both must be there.
Result<Account> check_second_factor(const Account& account, const SecondFactor& shown,
                                    const RelyingParty& party, std::int64_t now_s);

}  // namespace pawl::sign_in
