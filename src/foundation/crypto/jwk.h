// JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037) to and from OpenSSL public keys.
//
// Threading:  pure functions.
// Errors:     kMalformed: a member is missing or wrong, a point is not on its curve, the key is
//             private or symmetric; kInternal (library failure).
// Not errors: members that say nothing about the key itself (kid, use, alg, x5c).
// Internal to src/foundation/crypto.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "foundation/crypto/openssl_check.h"

namespace pawl::openssl {

Result<Pkey> public_key_from_jwk(const json::Value& jwk);
Result<Pkey> public_key_from_ed25519(std::string_view raw);  // 32 bytes
// The required members only, in the order of RFC 7638: the text whose SHA-256 is the thumbprint.
Result<std::string> jwk_of(const EVP_PKEY* pkey, KeyKind kind);

}  // namespace pawl::openssl
