// AES-256-GCM with a random 96-bit nonce in front of the ciphertext: for state that a client keeps
// for us (requestState) and the vault. One key seals at most 2^32 messages.
// Threading: any thread. Errors: kBadSignature (forged, truncated or other associated data).
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace pawl {

// key: 32 bytes. `bound` is authenticated, not carried.
std::string aead_seal(std::string_view key, std::string_view bound, std::string_view plain,
                      Random& random);
Result<std::string> aead_open(std::string_view key, std::string_view bound,
                              std::string_view sealed);

}  // namespace pawl
