// The names by which a revocation finds what proved an identity or was presented.
//
// Purpose:    whoever identifies a caller or verifies a token writes them; a revocation is looked
//             for by the same text (operators/override/revocation.h).
// Threading:  pure functions.
// Rule:       a jti that is a UUID is in lower case, as it is recorded.
#pragma once

#include <string>
#include <string_view>

#include "base/uuid.h"

namespace pawl {

// `kid`: as a header names it, or the RFC 7638 thumbprint; of a bearer key its SHA-256, base64url.
inline std::string key_name(std::string_view kid) {
  return std::string("key:").append(kid);
}

// `thumbprint`: SHA-256 of the DER form, base64url.
inline std::string certificate_name(std::string_view thumbprint) {
  return std::string("certificate:").append(thumbprint);
}

inline std::string token_name(std::string_view iss, std::string_view jti) {
  const Result<Uuid> id = Uuid::parse(jti);
  return std::string("token:").append(iss).append("#").append(id ? id->text() : std::string(jti));
}

// A workload identity token that was shown with a proof by its key, whole: what its workload signed
// is verified with the key in it (gateway/workload_tokens.cc). No revocation has this form.
inline constexpr std::string_view kWitName = "wit:";
inline std::string wit_name(std::string_view token) {
  return std::string(kWitName).append(token);
}

}  // namespace pawl
