// The operator's signed word on a set of rules: `policy+jwt` (OURS; docs/formats/rules.md).
//
// Purpose:    print and read the statement that a person lets a set take force: which one, by name,
//             version and digest, for which instance, and after which set. It does not expire: what
//             it may not do twice, `before` and the version keep it from (set_activation.h).
// Threading:  pure functions.
// Errors:     kTokenInvalid, kBadSignature, kForbidden (key not enrolled, or without the role).
//
// Example:
//   Result<std::string> token = sign_set({name, owner, 7, digest, before, aud, now}, key);
//   Result<VerifiedSet> said = verify_set(*token, keystore.operators(), aud, now);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "foundation/jose/jws.h"
#include "foundation/keys/accounts.h"

namespace pawl {

inline constexpr std::string_view kSetRole = "admin";
inline constexpr std::size_t kMaxSetTokenBytes = 2400;  // so that it fits the record that keeps it

struct SetStatement {
  std::string name, owner;
  std::int64_t version = 0;
  std::string digest;    // 43 characters
  std::string before;    // digest of the signed set that it follows; empty: it is the first
  std::string audience;  // the instance: spiffe://DOMAIN/pawl/NODE
  std::int64_t iat = 0;  // seconds
};

Result<std::string> sign_set(const SetStatement& statement, const SigningKey& operator_key);
// What a decoded token says; the signature is not looked at. kTokenInvalid.
Result<SetStatement> read_set_statement(const jose::Jws& jws);

struct VerifiedSet {
  SetStatement statement;
  std::string operator_name, kid, token;
};
// Signed by an operator with the role `admin`, for this instance, not in the future. `now`:
// seconds.
Result<VerifiedSet> verify_set(const std::string& token, std::span<const Operator> operators,
                               std::string_view audience, std::int64_t now);

}  // namespace pawl
