// A private key of the keystore in its file: PKCS #8 PEM, mode 0600.
//
// Threading:  any thread.
// Errors:     kNotFound, kForbidden (others may read it), kMalformed (no key of this kind), kIo.
// Internal to src/foundation/keys.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

Result<SigningKey> load_key_file(Files& files, const std::string& path, KeyKind kind);
Result<SigningKey> key_of_pem(std::string_view pem, KeyKind kind);
std::string_view kind_name(KeyKind kind);  // "a P-256 key"

}  // namespace pawl
