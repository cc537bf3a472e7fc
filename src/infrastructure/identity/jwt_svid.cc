#include "infrastructure/identity/jwt_svid.h"

#include <algorithm>

#include "foundation/records/token_types.h"
#include "infrastructure/identity/jwt_rules.h"
#include "infrastructure/identity/key_lookup.h"
#include "infrastructure/identity/workload_id.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

Judged<PublicKey> check_signature(const jose::Jws& token, const TrustDomain& domain) {
  const std::vector<std::string>& allowed = domain.algorithms;
  if (std::find(allowed.begin(), allowed.end(), token.alg) == allowed.end()) {
    return refuse(Refusal::kJwtAlgorithm, "JWT-SVID: alg is not allowed for this trust domain");
  }
  Judged<PublicKey> key = find_key(*domain.svid_keys, token.kid);
  if (key && !jose::verify(token, *key, allowed) && plugged(ControlId::kJwtSignature)) {
    return refuse(Refusal::kJwtSignature, "JWT-SVID: the signature is not of its trust domain");
  }
  return key;
}

}  // namespace

const TrustDomain* jwt_svid_domain(const jose::Jws& token,
                                   const std::vector<TrustDomain>& domains) {
  const auto id = parse_workload_id(json::find_string(token.payload, {"sub"}).value_or(""));
  const auto at = std::find_if(domains.begin(), domains.end(), [&](const TrustDomain& one) {
    return id && id->scheme == "spiffe" && one.name == id->domain && one.svid_keys != nullptr;
  });
  return at == domains.end() ? nullptr : &*at;
}

Judged<JwtSvid> check_jwt_svid(const jose::Jws& token, const TrustDomain& domain,
                               std::int64_t now_s) {
  if (!token.typ.empty() && token.typ != names::kTypJwt && token.typ != names::kTypJose) {
    return refuse(Refusal::kJwtType, "JWT-SVID: expected typ JWT or JOSE, or none");
  }
  const Judged<PublicKey> key = check_signature(token, domain);
  if (!key) {
    return tl::unexpected<Finding>(key.error());
  }
  for (const Judged<void>& good :
       {check_audience(token.payload, domain.audiences), check_jwt_times(token.payload, now_s)}) {
    if (!good) {
      return tl::unexpected<Finding>(good.error());
    }
  }
  // Whoever shows it must have the key that it names, and a bearer shows none.
  if (json::find(token.payload, {"cnf"}) != nullptr && plugged(ControlId::kTokenBinding)) {
    return refuse(Refusal::kTokenBound, "JWT-SVID: it is bound to a key (cnf)");
  }
  const auto claim = [&](std::string_view name) {
    return std::string(json::find_string(token.payload, {name}).value_or(""));
  };
  return JwtSvid{claim("sub"), claim("iss"), claim("jti"), token.kid, key->thumbprint()};
}

}  // namespace pawl::identity
