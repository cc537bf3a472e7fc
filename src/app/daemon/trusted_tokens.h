// Keys of foreign issuers whose ECTs may be presented as parents. Threading: start-up, then read
// only.
#pragma once

#include <vector>

#include "app/config/config.h"
#include "foundation/ect/ect.h"

namespace pawl {

// A resolver over the JWK sets of the trusted issuers; a set that cannot be read resolves nothing
// and is logged (fail closed).
ect::KeyResolver trusted_token_keys(Files& files, const std::vector<TrustedTokens>& trusted);

}  // namespace pawl
