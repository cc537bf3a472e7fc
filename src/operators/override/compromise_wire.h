// An operator's word that a record key is compromised, checked as it arrives.
//
// Purpose:    the statement itself is foundation/keys/compromise.h; here: is its signer enrolled
//             with the role, is it for this instance, and of now.
// Threading:  pure functions.
// Errors:     kTokenInvalid, kBadSignature, kForbidden (key not enrolled, or without the role).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "foundation/keys/compromise.h"
#include "foundation/keys/keystore.h"

namespace pawl::override_ {

struct VerifiedCompromise {
  Compromise said;
  std::string operator_name;
  std::string kid;  // of the operator's key
  std::string token;
};
Result<VerifiedCompromise> verify_compromise(const std::string& token, const Keystore& keys,
                                             std::string_view audience, WallTime now);

}  // namespace pawl::override_
