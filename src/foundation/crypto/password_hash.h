// Hashes of passwords: Argon2id (RFC 9106) by libsodium.
//
// Purpose:    who reads the file of accounts does not have the passwords.
// Threading:  any thread; each call takes 256 MiB and most of a second, so never on one that serves
//             (docs/plan_approval.md, 4.4: one thread of its own, one at a time).
// Errors:     hash_password: kOverloaded (no memory). check_password: kUndecidable (no memory).
// Not errors: a password that is wrong (false), a hash of lower cost than today's (it is checked
//             with its own).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

inline constexpr std::size_t kMinPassword = 12;   // bytes
inline constexpr std::size_t kMaxPassword = 512;  // bytes

// "$argon2id$v=19$m=...,t=...,p=1$SALT$HASH", libsodium's moderate cost and a random salt.
Result<std::string> hash_password(std::string_view password);
// Whether `text` is one, of a cost that check_password() would pay: at most 1 GiB, 10 passes.
bool is_password_hash(std::string_view text);
Result<bool> check_password(const std::string& hash, std::string_view password);

}  // namespace pawl
