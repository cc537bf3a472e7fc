// The key of an issuer that a token names by `kid`.
// Threading: as the source. Errors: kJwtNoKeys (none can be had: fail closed), kJwtKey.
// Not errors: a token without kid, where the issuer has one key.
#pragma once

#include <string>

#include "infrastructure/identity/key_source.h"
#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

// Asks the source to look again, once, when the key is unknown.
Judged<PublicKey> find_key(KeySource& source, const std::string& kid);

}  // namespace pawl::identity
