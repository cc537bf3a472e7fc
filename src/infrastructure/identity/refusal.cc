#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

std::string_view refusal_name(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNoCredential:
      return "no_credential";
    case Refusal::kBadAuthorization:
      return "bad_authorization";
    case Refusal::kUnknownKey:
      return "unknown_key";
    case Refusal::kJwtMalformed:
      return "jwt_malformed";
    case Refusal::kJwtType:
      return "jwt_type";
    case Refusal::kJwtIssuer:
      return "jwt_issuer";
    case Refusal::kJwtAlgorithm:
      return "jwt_algorithm";
    case Refusal::kJwtNoKeys:
      return "jwt_no_keys";
    case Refusal::kJwtKey:
      return "jwt_key";
    case Refusal::kJwtSignature:
      return "jwt_signature";
    case Refusal::kJwtAudience:
      return "jwt_audience";
    case Refusal::kJwtExpired:
      return "jwt_expired";
    case Refusal::kJwtNotYet:
      return "jwt_not_yet";
    case Refusal::kJwtClaims:
      return "jwt_claims";
    case Refusal::kCertificate:
      return "certificate";
    case Refusal::kPeer:
      return "peer";
    case Refusal::kUnknownAgent:
      return "unknown_agent";
    case Refusal::kConflict:
      return "conflict";
  }
  return "no_credential";
}

}  // namespace pawl::identity
