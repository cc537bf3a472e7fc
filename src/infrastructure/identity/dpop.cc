#include "infrastructure/identity/dpop.h"

#include <algorithm>

#include "foundation/records/token_types.h"
#include "infrastructure/identity/media_type.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

Judged<PublicKey> key_of(const jose::Jws& jws, const DpopExpected& expected) {
  const auto& allowed = expected.algorithms;
  if (std::find(allowed.begin(), allowed.end(), jws.alg) == allowed.end()) {
    return refuse(Refusal::kProofAlgorithm, "alg of the proof is not allowed for this issuer");
  }
  const json::Value* jwk = jws.header.if_contains("jwk");
  Result<PublicKey> key =
      jwk != nullptr ? PublicKey::from_jwk(*jwk) : fail(Code::kMalformed, "no jwk");
  if (!key) {
    return refuse(Refusal::kProofKey, "expected a public key as jwk in the proof's header");
  }
  if (key->thumbprint() != expected.thumbprint && plugged(ControlId::kProofKey)) {
    return refuse(Refusal::kProofKey,
                  "expected a proof by the key that the access token is bound to");
  }
  return *std::move(key);
}

Judged<void> check_request(const json::Value& payload, const DpopExpected& expected) {
  const Judged<std::string> method = proof_text(payload, "htm");
  const auto target = json::find_string(payload, {"htu"});
  if (!method || !target) {
    return refuse(Refusal::kProofMalformed, "expected htm and htu in the proof");
  }
  if (!plugged(ControlId::kProofRequest)) {
    return {};
  }
  if (*method != expected.request.method) {
    return refuse(Refusal::kProofMethod, "expected htm " + expected.request.method);
  }
  if (!is_one_of_targets(*target, expected.request.targets)) {
    return refuse(Refusal::kProofTarget,
                  "expected htu " + expected_target(expected.request.targets));
  }
  return {};
}

Judged<void> check_token(const json::Value& payload, const DpopExpected& expected) {
  if (json::find_string(payload, {"ath"}) != token_hash(expected.access_token) &&
      plugged(ControlId::kProofToken)) {
    return refuse(Refusal::kProofToken, "expected ath, the hash of the access token");
  }
  if (expected.nonces == nullptr || !plugged(ControlId::kProofNonce)) {
    return {};
  }
  const auto nonce = json::find_string(payload, {"nonce"});
  if (!nonce || !expected.nonces->is_good(*nonce, expected.request.now_s)) {
    return refuse(Refusal::kProofNonce, "expected the nonce of DPoP-Nonce in the proof");
  }
  return {};
}

}  // namespace

Judged<ShownProof> check_dpop(std::string_view proof, const DpopExpected& expected) {
  const Result<jose::Jws> jws = jose::decode(std::string(proof), kMaxProofBytes);
  if (!jws) {
    return refuse(Refusal::kProofMalformed, jws.error().message);
  }
  if (!is_type(jws->typ, names::kTypDpop)) {
    return refuse(Refusal::kProofType, "expected typ " + std::string(names::kTypDpop));
  }
  const Judged<PublicKey> key = key_of(*jws, expected);
  if (!key) {
    return tl::unexpected<Finding>(key.error());
  }
  const Judged<std::string> jti = proof_text(jws->payload, "jti");
  const Judged<std::int64_t> made = proof_time(jws->payload, "iat");
  if (!jti || !made) {
    return tl::unexpected<Finding>(!jti ? jti.error() : made.error());
  }
  for (const Judged<void>& good :
       {check_proof_signature(*jws, *key), check_request(jws->payload, expected),
        check_token(jws->payload, expected), check_made_at(*made, expected.request)}) {
    if (!good) {
      return tl::unexpected<Finding>(good.error());
    }
  }
  return ShownProof{proof_id(key->thumbprint(), *jti), *made + expected.request.max_age_s};
}

}  // namespace pawl::identity
