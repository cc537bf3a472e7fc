// The operator's signed word that something is revoked, or no longer: `revocation+jwt` (OURS;
// docs/formats/revocation.md).
//
// Purpose:    print and read the statement, and check it as it arrives; signed with the person's
// own
//             key, like a resume.
// Threading:  pure functions.
// Errors:     kTokenInvalid, kBadSignature, kForbidden (key not enrolled, or without the role).
// Rule:       a statement and what it revokes always fit one record, whole: the ledger's fold must
//             find it there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/jose/jws.h"
#include "operators/override/override_wire.h"
#include "operators/override/revocation.h"

namespace pawl::override_ {

inline constexpr std::size_t kMaxRevocationReason = 256;  // bytes, without control characters

struct RevocationStatement {
  std::string target;                     // as parse_target gives it
  std::optional<std::int64_t> since_s{};  // not of a lift
  std::vector<Uuid> lifts{};              // what a lift ends, 1..kMaxLifts; empty: it revokes
  std::string reason;
  std::string audience;  // the instance: spiffe://DOMAIN/pawl/NODE
  Uuid id;               // of a revocation: its own id
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;  // at most 300 s after iat
};

Result<std::string> sign_revocation(const RevocationStatement& statement,
                                    const SigningKey& operator_key);
// What a decoded token says; the signature and the present time are not looked at. kTokenInvalid.
Result<RevocationStatement> read_revocation_statement(const jose::Jws& jws);

struct VerifiedRevocation {
  RevocationStatement statement;
  std::string operator_name;
  std::string kid;
  std::string token;
};
Result<VerifiedRevocation> verify_revocation(const std::string& token, const Keystore& keys,
                                             std::string_view audience, WallTime now);

}  // namespace pawl::override_
