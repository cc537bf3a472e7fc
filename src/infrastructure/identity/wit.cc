#include <algorithm>

#include "foundation/crypto/algorithm.h"
#include "foundation/records/token_types.h"
#include "infrastructure/identity/jwt.h"
#include "infrastructure/identity/key_lookup.h"
#include "infrastructure/identity/media_type.h"
#include "infrastructure/identity/numeric_date.h"
#include "infrastructure/identity/wimse.h"
#include "infrastructure/identity/workload_id.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxWitBytes = 12 * 1024;

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

const TrustDomain* domain_of(std::string_view subject, const std::vector<TrustDomain>& domains) {
  const std::optional<WorkloadId> id = parse_workload_id(subject);
  const auto at = std::find_if(domains.begin(), domains.end(), [&](const TrustDomain& one) {
    return id && one.name == id->domain;
  });
  return at == domains.end() || at->wit_keys == nullptr ? nullptr : &*at;
}

// The key that it verifies with.
Judged<PublicKey> check_signature(const jose::Jws& jws, const TrustDomain& domain) {
  if (!contains(domain.algorithms, jws.alg)) {
    return refuse(Refusal::kJwtAlgorithm, "WIT: alg is not allowed for this trust domain");
  }
  Judged<PublicKey> key = find_key(*domain.wit_keys, jws.kid);
  if (!key) {
    return key;
  }
  if (!jose::verify(jws, *key, domain.algorithms) && plugged(ControlId::kWitSignature)) {
    return refuse(Refusal::kJwtSignature, "WIT: the signature is not of its trust domain");
  }
  return key;
}

Judged<void> check_times(const json::Value& payload, std::int64_t now_s) {
  const auto exp = numeric_date(payload, "exp");
  const auto nbf = numeric_date(payload, "nbf");
  const auto iat = numeric_date(payload, "iat");
  if (!exp || !*exp || !nbf || !iat) {
    return refuse(Refusal::kJwtClaims, "WIT: expected exp, and times in exp, nbf and iat");
  }
  if (now_s >= **exp + kJwtSkewSeconds) {
    return refuse(Refusal::kJwtExpired, "WIT: exp has passed");
  }
  if (std::max(nbf->value_or(0), iat->value_or(0)) > now_s + kJwtSkewSeconds) {
    return refuse(Refusal::kJwtNotYet, "WIT: nbf or iat lies ahead");
  }
  return {};
}

// The one confirmation method of a WIT: a public key that says its algorithm.
Judged<Wit> with_key(const json::Value& payload, std::string subject, const TrustDomain& domain) {
  const json::Value* jwk = json::find(payload, {"cnf", "jwk"});
  Result<PublicKey> key =
      jwk != nullptr ? PublicKey::from_jwk(*jwk) : fail(Code::kMalformed, "no jwk");
  if (!key) {
    return refuse(Refusal::kJwtClaims, "WIT: expected cnf.jwk, a public key");
  }
  const std::string alg(json::find_string(*jwk, {"alg"}).value_or(""));
  const std::optional<Algorithm> algorithm = parse_algorithm(alg);
  if (!contains(domain.algorithms, alg) || !algorithm || key_kind_of(*algorithm) != key->kind()) {
    return refuse(Refusal::kJwtAlgorithm,
                  "WIT: expected cnf.jwk.alg, an algorithm of the key that is allowed");
  }
  return Wit{std::move(subject), *std::move(key), alg, ""};
}

}  // namespace

Status check_trust_domain(const TrustDomain& domain) {
  const auto wrong = [&](std::string_view what) {
    return fail(Code::kInvalidParams, "trust domain '" + domain.name + "': " + std::string(what));
  };
  if (!is_trust_domain(domain.name)) {
    return wrong("expected lower-case letters, digits, '.', '-' and '_'");
  }
  if (domain.wit_keys == nullptr && domain.bundle == nullptr) {
    return wrong("expected a key set or a bundle, as a file or a URL");
  }
  if (domain.svid_keys != nullptr && (domain.audiences.empty() || contains(domain.audiences, ""))) {
    return wrong("expected at least one audience of its JWT-SVIDs, none of them empty");
  }
  if (domain.algorithms.empty() ||
      !std::all_of(domain.algorithms.begin(), domain.algorithms.end(),
                   [](const std::string& alg) { return parse_algorithm(alg).has_value(); })) {
    return wrong("expected algorithms out of ES256, ES384, EdDSA, RS256, PS256");
  }
  return {};
}

Judged<Wit> check_wit(std::string_view token, const std::vector<TrustDomain>& domains,
                      std::int64_t now_s) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), kMaxWitBytes);
  if (!jws) {
    return refuse(Refusal::kJwtMalformed, "WIT: " + jws.error().message);
  }
  if (!is_type(jws->typ, names::kTypWit)) {
    return refuse(Refusal::kJwtType, "WIT: expected typ " + std::string(names::kTypWit));
  }
  const std::string subject(json::find_string(jws->payload, {"sub"}).value_or(""));
  const TrustDomain* domain = domain_of(subject, domains);
  if (domain == nullptr) {
    return refuse(Refusal::kTrustDomain, "WIT: sub is no workload of a configured trust domain");
  }
  const Judged<PublicKey> signer = check_signature(*jws, *domain);
  if (!signer) {
    return tl::unexpected<Finding>(signer.error());
  }
  if (const Judged<void> good = check_times(jws->payload, now_s);
      !good && plugged(ControlId::kWitTimes)) {
    return tl::unexpected<Finding>(good.error());
  }
  Judged<Wit> wit = with_key(jws->payload, subject, *domain);
  if (wit) {
    wit->hash = token_hash(token);
    wit->text = token;
    wit->iss = json::find_string(jws->payload, {"iss"}).value_or("");
    wit->jti = json::find_string(jws->payload, {"jti"}).value_or("");
    wit->kid = jws->kid;
    wit->thumbprint = signer->thumbprint();
  }
  return wit;
}

}  // namespace pawl::identity
