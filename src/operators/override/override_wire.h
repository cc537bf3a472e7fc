// The operator's signed word: `override+jwt` (OURS; docs/formats/override.md).
//
// Purpose:    print and read the statement that lifts or orders stops; signed with the operator's
//             own key, checked against the enrolled keys, here and offline.
// Threading:  pure functions.
// Errors:     kTokenInvalid, kBadSignature, kForbidden (key not enrolled, or without the role).
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "foundation/jose/jws.h"
#include "foundation/keys/keystore.h"
#include "operators/override/scope.h"

namespace pawl::override_ {

enum class Verb { kStop, kResume };

// So that a statement fits the record that keeps it.
inline constexpr std::size_t kMaxLifts = 16;
inline constexpr std::size_t kMaxStatementBytes = 2400;
inline constexpr std::int64_t kMaxLifetimeSeconds = 300;  // from iat to exp
inline constexpr std::int64_t kSkewSeconds = 30;          // how far iat may be in the future

struct Statement {
  Verb verb = Verb::kResume;
  Scope scope;
  std::vector<Uuid> stops;  // resume: the stops it lifts, by id; 1..kMaxLifts
  std::string reason;
  std::string audience;  // the instance: spiffe://DOMAIN/pawl/NODE
  Uuid id;
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;  // at most 300 s after iat
};

Result<std::string> sign_statement(const Statement& statement, const SigningKey& operator_key);

// What a decoded token says, if it is a statement: typ, claims, limits and its length of life. The
// signature and the present time are not looked at. kTokenInvalid.
Result<Statement> read_statement(const jose::Jws& jws);

// A token of the given typ, signed with the key of an enrolled operator who has the role.
struct Signed {
  jose::Jws jws;
  std::string operator_name;
};
Result<Signed> open_signed(const std::string& token, std::string_view typ, const Keystore& keys);
// Neither expired nor from the future. kTokenInvalid.
Status check_statement_time(std::int64_t iat, std::int64_t exp, WallTime now);

struct Verified {
  Statement statement;
  std::string operator_name;
  std::string kid;
  std::string token;
};
Result<Verified> verify_statement(const std::string& token, const Keystore& keys,
                                  std::string_view audience, WallTime now);

}  // namespace pawl::override_
