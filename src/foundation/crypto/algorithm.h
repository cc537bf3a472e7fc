// The signature algorithms that Pawl knows, by their JOSE names (RFC 7518, RFC 8037).
//
// Purpose:    the one allow list. "none" and every MAC (HS256 and its kin) have no name here, so
//             they cannot be asked for.
// Threading:  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/crypto/signing_key.h"

namespace pawl {

enum class Algorithm { kEs256, kEs384, kEdDsa, kRs256, kPs256 };

// nullopt: not an algorithm of the list. Names are compared exactly.
std::optional<Algorithm> parse_algorithm(std::string_view name);
std::vector<std::string> algorithm_names();  // of all of them
// The only kind of key the algorithm goes with (for EC, the curve too).
KeyKind key_kind_of(Algorithm algorithm);
// ES256 for P-256, ES384 for P-384, EdDSA for Ed25519, RS256 for RSA.
std::string_view default_algorithm(KeyKind kind);

}  // namespace pawl
