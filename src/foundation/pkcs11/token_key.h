// A signing key whose private part never leaves a token: PKCS #11 (v2.40, EdDSA as of v3.0).
//
// Purpose:    ES256 by CKM_ECDSA over a digest of ours, Ed25519 by CKM_EDDSA. The public part is
// the
//             token's own, and each signature is verified with it before it goes anywhere.
// Threading:  as a SigningKey, from any thread; the keys of one module sign one after the other,
// and
//             whoever signs waits for the module (pkcs11_module.h).
// Ownership:  the key keeps its module loaded.
// Errors:     open: kNotFound (no module, token or key), kConflict (two keys fit), kMalformed
//             (another kind of key), kUnauthenticated (the PIN), kIo; and those of `pin`.
//             sign: the same; then nothing is signed.
// Not errors: a session that was lost: the next signature logs in again, with the PIN as it then
//             is, and begins anew with the module where that is not enough.
//
// Example:
//   Result<SigningKey> key = open_token_key(*uri, KeyKind::kP256, [] { return read_pin(); });
#pragma once

#include <functional>
#include <string>

#include "foundation/crypto/signing_key.h"
#include "foundation/pkcs11/pkcs11_uri.h"

namespace pawl {

using PinReader = std::function<Result<std::string>()>;

// `kind` is P-256 or Ed25519. The key has signed once when this returns.
Result<SigningKey> open_token_key(const Pkcs11Uri& uri, KeyKind kind, PinReader pin);

}  // namespace pawl
