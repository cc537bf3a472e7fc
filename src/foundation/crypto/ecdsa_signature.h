// The two forms of an ECDSA signature: DER (OpenSSL) and r || s of fixed width (RFC 7518, 3.4).
//
// Threading:  pure functions.
// Errors:     nullopt: the input is not of that form, or the library failed. r and s that are zero
//             or not below the group order convert; verification refuses them.
// Internal to src/foundation/crypto.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawl::openssl {

// width: octets of r and of s, 32 for P-256, 48 for P-384. `raw` must have exactly 2 * width.
std::optional<std::string> der_from_raw(std::string_view raw, std::size_t width);
std::optional<std::string> raw_from_der(std::string_view der, std::size_t width);

}  // namespace pawl::openssl
