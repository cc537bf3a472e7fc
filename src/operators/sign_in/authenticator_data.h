// The authenticator data of a passkey's answer, taken apart.
//
// Threading:  a pure function; views are into its text.
// Errors:     kTokenInvalid: cut off, or bytes left over.
// Not errors: extensions, of which nothing is taken.
// Source:     W3C Web Authentication Level 3, 6.1 and 6.5.1.
// Internal to src/operators/sign_in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "foundation/cose/cbor.h"
#include "operators/sign_in/webauthn.h"

namespace pawl::sign_in {

struct NewCredential {
  std::string_view id;  // bytes
  cbor::Map key;        // COSE_Key
};

struct AuthenticatorData {
  std::string_view rp_id_hash;  // 32 bytes
  std::uint8_t flags = 0;
  std::uint32_t counter = 0;
  std::optional<NewCredential> credential;  // at a registration
};

Result<AuthenticatorData> read_authenticator_data(std::string_view bytes);

// Made for this party, with the person there and recognized.
Status check_presence(const AuthenticatorData& data, const RelyingParty& party);

}  // namespace pawl::sign_in
