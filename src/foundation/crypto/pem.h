// PEM text to and from OpenSSL keys. Never asks for a pass phrase: encrypted PEM is refused.
//
// Threading:  pure functions.
// Errors:     kMalformed (not that PEM, larger than 64 KiB), kInternal (library failure).
// Internal to src/foundation/crypto.
#pragma once

#include <string>
#include <string_view>

#include "foundation/crypto/openssl_check.h"

namespace pawl::openssl {

Result<Pkey> public_key_from_pem(std::string_view pem);   // SubjectPublicKeyInfo or certificate
Result<Pkey> private_key_from_pem(std::string_view pem);  // unencrypted PKCS #8 only
std::string public_key_to_pem(EVP_PKEY* pkey);
std::string private_key_to_pem(EVP_PKEY* pkey);

}  // namespace pawl::openssl
