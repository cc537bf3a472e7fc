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
    case Refusal::kTokenBound:
      return "token_bound";
    case Refusal::kTokenUnbound:
      return "token_unbound";
    case Refusal::kTrustDomain:
      return "trust_domain";
    case Refusal::kTrustBundle:
      return "trust_bundle";
    case Refusal::kSvidAuthority:
      return "svid_authority";
    case Refusal::kSvidChain:
      return "svid_chain";
    case Refusal::kSvidTime:
      return "svid_time";
    case Refusal::kProofMissing:
      return "proof_missing";
    case Refusal::kProofMalformed:
      return "proof_malformed";
    case Refusal::kProofType:
      return "proof_type";
    case Refusal::kProofAlgorithm:
      return "proof_algorithm";
    case Refusal::kProofKey:
      return "proof_key";
    case Refusal::kProofSignature:
      return "proof_signature";
    case Refusal::kProofMethod:
      return "proof_method";
    case Refusal::kProofTarget:
      return "proof_target";
    case Refusal::kProofTime:
      return "proof_time";
    case Refusal::kProofToken:
      return "proof_token";
    case Refusal::kProofContext:
      return "proof_context";
    case Refusal::kProofNonce:
      return "proof_nonce";
    case Refusal::kProofComponents:
      return "proof_components";
    case Refusal::kProofDigest:
      return "proof_digest";
    case Refusal::kProofUnsupported:
      return "proof_unsupported";
    case Refusal::kProofReplayed:
      return "proof_replayed";
    case Refusal::kProofMemory:
      return "proof_memory";
  }
  return "no_credential";
}

}  // namespace pawl::identity
