// Passkeys: what an authenticator says (WebAuthn), checked by the server of a relying party or by
// anybody later, offline.
//
// Purpose:    verify_registration() takes in a new passkey, verify_assertion() says that the holder
//             of one was there (UP), was recognized by the device (UV), and signed this challenge
//             on this origin.
// Threading:  plain values, pure functions.
// Errors:     kTokenInvalid: not of this form, type, challenge, origin or party, without UP or UV,
//             a counter that went back; the message names the member. kBadSignature: not by this
//             key. kUnsupported: an attestation, or another algorithm than ES256 (-7) and EdDSA
//             (-8). kUndecidable: the library failed.
// Not errors: members of the client data and extensions that are not known (browsers add some, and
//             tell others not to compare with a template); a counter that stays at 0 (passkeys that
//             are synchronized count nothing).
// Rule:       attestation says who made the device, not who decided: `none` only.
// Source:     W3C Web Authentication Level 3, sections 5.8.1, 6.1, 6.5, 7.1, 7.2;
//             docs/formats/passkey.md.
//
// Example:
//   Result<Verified> there = verify_assertion(assertion, passkey, challenge, {"localhost",
//   origin}); if (!there) { refuse } passkey.counter = there->counter;
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::sign_in {

inline constexpr std::size_t kMaxClientData = 4096;         // bytes of the JSON
inline constexpr std::size_t kMaxAuthenticatorData = 4096;  // bytes
inline constexpr std::size_t kMaxCredentialId = 1023;       // bytes (WebAuthn, 5.8.3)

// Under which name, and on which page, people use their passkeys here.
struct RelyingParty {
  std::string id;      // host name: "pawl.example.org", "localhost"
  std::string origin;  // exact: "https://pawl.example.org"
};

struct Passkey {
  std::string credential;  // its id, base64url
  std::string rp_id;       // under which it was made
  PublicKey key;           // ES256 or Ed25519
  std::uint32_t counter = 0;
};

// All in bytes, but the credential's id.
struct Assertion {
  std::string credential;  // base64url
  std::string authenticator_data, client_data, signature;
};

struct Verified {
  std::uint32_t counter = 0;  // to be kept
};

Result<Verified> verify_assertion(const Assertion& assertion, const Passkey& passkey,
                                  const Digest& challenge, const RelyingParty& party);

// In bytes.
struct Registration {
  std::string client_data, attestation_object;
};

// Whether the credential is known already is for the caller to say.
Result<Passkey> verify_registration(const Registration& registration, const Digest& challenge,
                                    const RelyingParty& party);

}  // namespace pawl::sign_in
