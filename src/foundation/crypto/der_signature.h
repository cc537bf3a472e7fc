// An ECDSA signature as authenticators and certificates have it (DER, RFC 3279), in the form that
// PublicKey::verify takes.
//
// Purpose:    WebAuthn signs ES256 in DER, JOSE and COSE as r || s.
// Threading:  a pure function.
// Errors:     nullopt: not of that form, with bytes behind it, or of another width.
// Not errors: r and s that are zero or not below the group order: verification refuses them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawl {

// 64 bytes, for P-256.
std::optional<std::string> es256_from_der(std::string_view der);

}  // namespace pawl
