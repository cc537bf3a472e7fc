// A digest that nobody finds by trying, because a salt that they do not have is part of it.
//
// Purpose:    SHA-256 over the salt and the plain digest. Whoever has the salt checks bytes against
//             it, and whoever has not learns nothing of them, however few they could be.
// Threading:  pure functions.
// Errors:     read_digest: nullopt, what is no digest.
// Source:     docs/formats/salted_digests.md.
//
// Example:    Digest recorded = salted_digest(salt, sha256(input));
#pragma once

#include <optional>
#include <string_view>

#include "foundation/crypto/sha256.h"

namespace pawl {

inline constexpr std::size_t kSaltBytes = 32;

// `salt`: kSaltBytes bytes. Both parts have one length each, so that no two pairs give one text.
Digest salted_digest(std::string_view salt, const Digest& plain);
// Of its 43 characters (digest_text).
std::optional<Digest> read_digest(std::string_view text);

}  // namespace pawl
