// A signing key that a signer's process holds (docs/formats/signer.md).
//
// Purpose:    such a key goes wherever a SigningKey goes.
// Threading:  as a SigningKey, from any thread; signatures of one key are asked for one after the
//             other.
// Errors:     open: kUpstreamUnavailable (nobody listens there), kMalformed (another kind of key),
//             and those of signer_client.h. sign: the latter.
//
// Example:
//   Result<SigningKey> key = open_signer_key("/run/pawl-signer/sign.sock", KeyKind::kP256);
#pragma once

#include <string>

#include "foundation/crypto/signing_key.h"

namespace pawl {

// `kind`: P-256 for the key of records, Ed25519 for the log's.
Result<SigningKey> open_signer_key(const std::string& socket, KeyKind kind);

}  // namespace pawl
