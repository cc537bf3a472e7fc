// The key objects of a token's session: found, told apart, and their public parts.
//
// Threading:  under the module's lock.
// Errors:     kNotFound (none fits), kConflict (two fit), kMalformed (another kind of key, or a
//             public part that is no point), kIo.
// Internal to src/foundation/pkcs11.
#pragma once

#include "foundation/crypto/signing_key.h"
#include "foundation/pkcs11/cryptoki.h"

namespace pawl::pkcs11 {

struct Session {
  CK_FUNCTION_LIST& functions;
  CK_SESSION_HANDLE handle;
};

// The one private key that the URI names, of `kind`.
Result<CK_OBJECT_HANDLE> find_private_key(const Session& session, const Pkcs11Uri& uri,
                                          KeyKind kind);
// Its public part: of itself, or of the public key with its id or, without one, its label.
Result<PublicKey> public_part_of(const Session& session, CK_OBJECT_HANDLE key, KeyKind kind);

}  // namespace pawl::pkcs11
