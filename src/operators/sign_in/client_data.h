// The client data of a passkey's answer: what the browser says of the page that asked.
//
// Threading:  a pure function.
// Errors:     kTokenInvalid, naming the member.
// Not errors: members that are not known.
// Source:     W3C Web Authentication Level 3, 5.8.1.
// Internal to src/operators/sign_in.
#pragma once

#include <string_view>

#include "base/result.h"
#include "foundation/crypto/sha256.h"

namespace pawl::sign_in {

// `type`: "webauthn.get" or "webauthn.create". Each is compared exactly.
Status check_client_data(std::string_view text, std::string_view type, const Digest& challenge,
                         std::string_view origin);

}  // namespace pawl::sign_in
