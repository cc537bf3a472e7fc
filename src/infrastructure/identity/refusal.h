// Why a request was refused: for the log and as a metric's label, never for the client.
//
// Threading:  plain values.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace pawl::identity {

enum class Refusal {
  kNoCredential,
  kBadAuthorization,  // not "Bearer" and one token
  kUnknownKey,        // no agent has this bearer key
  kJwtMalformed,
  kJwtType,
  kJwtIssuer,
  kJwtAlgorithm,
  kJwtNoKeys,  // the issuer's keys cannot be had: fail closed
  kJwtKey,     // no kid where one is needed, or an unknown one
  kJwtSignature,
  kJwtAudience,
  kJwtExpired,
  kJwtNotYet,     // nbf or iat in the future
  kJwtClaims,     // a needed claim is missing or of the wrong type
  kCertificate,   // not exactly one SPIFFE ID of an agent of this trust domain
  kPeer,          // the uid maps to no agent, or not to the asserted one
  kUnknownAgent,  // well proven, but no such agent is configured
  kConflict,      // two credentials name two agents
};
std::string_view refusal_name(Refusal refusal);  // "no_credential", "jwt_expired", ...

inline constexpr std::array kAllRefusals = {
    Refusal::kNoCredential, Refusal::kBadAuthorization, Refusal::kUnknownKey,
    Refusal::kJwtMalformed, Refusal::kJwtType,          Refusal::kJwtIssuer,
    Refusal::kJwtAlgorithm, Refusal::kJwtNoKeys,        Refusal::kJwtKey,
    Refusal::kJwtSignature, Refusal::kJwtAudience,      Refusal::kJwtExpired,
    Refusal::kJwtNotYet,    Refusal::kJwtClaims,        Refusal::kCertificate,
    Refusal::kPeer,         Refusal::kUnknownAgent,     Refusal::kConflict};

// What was found, for people who may see the log: no key, no token, no claim's text.
struct Finding {
  Refusal refusal = Refusal::kNoCredential;
  std::string detail;
};
template <class T>
using Judged = tl::expected<T, Finding>;

inline tl::unexpected<Finding> refuse(Refusal refusal, std::string detail) {
  return tl::unexpected<Finding>(Finding{refusal, std::move(detail)});
}

}  // namespace pawl::identity
