// The operator's signed word that a key is compromised: `compromise+jwt` (OURS;
// docs/formats/key_records.md).
//
// Purpose:    print and read the statement on which a `key.compromised` record rests: which key,
//             since when, and which key the operator vouches for.
// Threading:  pure functions.
// Errors:     kTokenInvalid.
// Rule:       the server cannot make it up: it is signed with a person's own key.
#pragma once

#include <cstdint>
#include <string>

#include "base/uuid.h"
#include "foundation/jose/jws.h"
#include "foundation/records/key_record.h"

namespace pawl {

inline constexpr std::size_t kMaxCompromiseBytes = 2400;

struct Compromise {
  std::string kid;
  std::int64_t since_s = 0;  // signatures since this second are suspect
  std::string next;          // the key in use from now on; empty: it vouches for none
  std::string reason;        // 1 to kMaxKeyReasonBytes bytes
  std::string audience;      // the instance: spiffe://DOMAIN/pawl/NODE
  Uuid id;
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;  // at most 300 s after iat
};

Result<std::string> sign_compromise(const Compromise& said, const SigningKey& operator_key);
// What a decoded token says; the signature and the present time are not looked at. kTokenInvalid.
Result<Compromise> read_compromise(const jose::Jws& jws);

}  // namespace pawl
