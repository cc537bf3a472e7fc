// A public key in CBOR form: COSE_Key (RFC 9052, section 7), of the two kinds that authenticators
// have.
//
// Purpose:    the key in a passkey's registration (WebAuthn, 6.5.1).
// Threading:  pure functions.
// Errors:     kMalformed: a member is missing, wrong or not known, or the point is not on its
//             curve; kUnsupported: another algorithm than ES256 (-7, P-256) and EdDSA (-8,
//             Ed25519).
// Not errors: members in any order.
#pragma once

#include "foundation/cose/cbor.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::cose {

// Exactly kty, alg and what the kind of key needs.
Result<PublicKey> read_key(const cbor::Map& map);

}  // namespace pawl::cose
