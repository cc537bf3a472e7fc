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
  kTokenBound,    // the token is bound to a key, and came without a proof that we can hold it to
  kTokenUnbound,  // the token is bound to no key, and must be
  kTrustDomain,   // a workload of no trust domain that is configured
  // Of a certificate of another trust domain (X.509-SVID).
  kTrustBundle,    // the domain's bundle cannot be had: fail closed
  kSvidAuthority,  // it is that of an authority
  kSvidChain,      // no authority of its name's domain vouches for it
  kSvidTime,       // one did, or will
  // Of a proof of possession (DPoP, WPT, HTTP message signature).
  kProofMissing,  // none, or more than one
  kProofMalformed,
  kProofType,
  kProofAlgorithm,
  kProofKey,  // not the key that the token is bound to
  kProofSignature,
  kProofMethod,
  kProofTarget,
  kProofTime,
  kProofToken,    // it does not name the token that it came with
  kProofContext,  // nor the other tokens of the request
  kProofNonce,
  kProofComponents,   // of an HTTP message signature: not all is signed that must be
  kProofDigest,       // the content is not the one that was signed
  kProofUnsupported,  // it asks for what this gateway does not do
  kProofReplayed,
  kProofMemory,  // there is no room to remember it, so that it cannot be taken once only
};
std::string_view refusal_name(Refusal refusal);  // "no_credential", "jwt_expired", ...

inline constexpr std::array kAllRefusals = {Refusal::kNoCredential,   Refusal::kBadAuthorization,
                                            Refusal::kUnknownKey,     Refusal::kJwtMalformed,
                                            Refusal::kJwtType,        Refusal::kJwtIssuer,
                                            Refusal::kJwtAlgorithm,   Refusal::kJwtNoKeys,
                                            Refusal::kJwtKey,         Refusal::kJwtSignature,
                                            Refusal::kJwtAudience,    Refusal::kJwtExpired,
                                            Refusal::kJwtNotYet,      Refusal::kJwtClaims,
                                            Refusal::kCertificate,    Refusal::kPeer,
                                            Refusal::kUnknownAgent,   Refusal::kConflict,
                                            Refusal::kTokenBound,     Refusal::kTokenUnbound,
                                            Refusal::kTrustDomain,    Refusal::kTrustBundle,
                                            Refusal::kSvidAuthority,  Refusal::kSvidChain,
                                            Refusal::kSvidTime,       Refusal::kProofMissing,
                                            Refusal::kProofMalformed, Refusal::kProofType,
                                            Refusal::kProofAlgorithm, Refusal::kProofKey,
                                            Refusal::kProofSignature, Refusal::kProofMethod,
                                            Refusal::kProofTarget,    Refusal::kProofTime,
                                            Refusal::kProofToken,     Refusal::kProofContext,
                                            Refusal::kProofNonce,     Refusal::kProofComponents,
                                            Refusal::kProofDigest,    Refusal::kProofUnsupported,
                                            Refusal::kProofReplayed,  Refusal::kProofMemory};

// What was found, for people who may see the log: no key, no token, no claim's text.
struct Finding {
  Refusal refusal = Refusal::kNoCredential;
  std::string detail;
  std::string agent{};  // whose token it is that came without a proof that holds; else empty
};
// About a proof, or about the want of one: the token itself is good.
inline bool is_about_proof(Refusal refusal) {
  return refusal >= Refusal::kProofMissing || refusal == Refusal::kTokenBound;
}
template <class T>
using Judged = tl::expected<T, Finding>;

inline tl::unexpected<Finding> refuse(Refusal refusal, std::string detail) {
  return tl::unexpected<Finding>(Finding{refusal, std::move(detail), {}});
}

}  // namespace pawl::identity
