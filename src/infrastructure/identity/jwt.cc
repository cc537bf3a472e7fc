#include "infrastructure/identity/jwt.h"

#include <algorithm>
#include <array>
#include <optional>

#include "foundation/jose/jws.h"
#include "foundation/records/token_types.h"
#include "infrastructure/identity/delegation.h"
#include "infrastructure/identity/jwt_rules.h"
#include "infrastructure/identity/key_lookup.h"
#include "infrastructure/identity/media_type.h"
#include "infrastructure/identity/proof_rules.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::array<std::string_view, 5> kAlgorithms = {"ES256", "ES384", "EdDSA", "RS256",
                                                         "PS256"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

const JwtIssuer* find_issuer(const std::vector<JwtIssuer>& issuers, const jose::Jws& jws) {
  const auto iss = json::find_string(jws.payload, {"iss"});
  const auto at = std::find_if(issuers.begin(), issuers.end(),
                               [&](const JwtIssuer& one) { return iss && one.issuer == *iss; });
  return at == issuers.end() ? nullptr : &*at;
}

// The key that it verifies with.
Judged<PublicKey> check_signature(const jose::Jws& jws, const JwtIssuer& issuer) {
  if (!contains(issuer.algorithms, jws.alg)) {
    return refuse(Refusal::kJwtAlgorithm, "alg is not allowed for this issuer");
  }
  Judged<PublicKey> key = find_key(*issuer.keys, jws.kid);
  if (!key) {
    return key;
  }
  if (const Status good = jose::verify(jws, *key, issuer.algorithms);
      !good && plugged(ControlId::kJwtSignature)) {
    return refuse(Refusal::kJwtSignature, good.error().message);
  }
  return key;
}

// With `act`, sub is for whom the token speaks and no longer who acts.
Judged<std::string> read_agent(const json::Value& payload, const JwtIssuer& issuer,
                               const std::vector<Actor>& actors) {
  if (issuer.agent_claim == kActingParty) {
    if (actors.empty()) {
      return refuse(Refusal::kJwtClaims, "no act.sub that names an agent");
    }
    if (!actors.front().iss.empty() && actors.front().iss != issuer.issuer) {
      return refuse(Refusal::kJwtClaims, "act.sub is of another issuer (act.iss)");
    }
    return actors.front().sub;
  }
  if (issuer.agent_claim == "sub" && !actors.empty()) {
    return refuse(Refusal::kJwtClaims,
                  "the token was delegated: who acts is in act.sub, and "
                  "agent_claim is sub");
  }
  const auto agent = json::find_string(payload, {issuer.agent_claim});
  if (!agent || agent->empty()) {
    return refuse(Refusal::kJwtClaims, "no " + issuer.agent_claim + " that names an agent");
  }
  return std::string(*agent);
}

Judged<JwtIdentity> read_identity(const json::Value& payload, const JwtIssuer& issuer) {
  JwtIdentity identity;
  Result<std::vector<Actor>> actors = read_actors(payload);
  if (!actors) {
    return refuse(Refusal::kJwtClaims, actors.error().message);
  }
  Judged<std::string> agent = read_agent(payload, issuer, *actors);
  if (!agent) {
    return tl::unexpected<Finding>(agent.error());
  }
  Judged<std::string> bound_to = bound_thumbprint(payload);
  if (!bound_to) {
    return tl::unexpected<Finding>(bound_to.error());
  }
  identity.bound_to = *std::move(bound_to);
  identity.issuer = &issuer;
  identity.agent = *std::move(agent);
  identity.actors = *std::move(actors);
  const json::Value* groups =
      issuer.groups_claim.empty() ? nullptr : json::find(payload, {issuer.groups_claim});
  if (groups != nullptr) {
    const json::Array* list = groups->if_array();
    const auto is_name = [](const json::Value& one) {
      return one.is_string() && !one.get_string().empty();
    };
    if (list == nullptr || !std::all_of(list->begin(), list->end(), is_name)) {
      return refuse(Refusal::kJwtClaims, issuer.groups_claim + " is not an array of names");
    }
    for (const json::Value& one : *list) {
      identity.groups.emplace_back(one.get_string());
    }
  }
  const json::Value* person = issuer.on_behalf_of_claim.empty()
                                  ? nullptr
                                  : json::find(payload, {issuer.on_behalf_of_claim});
  if (person != nullptr) {
    if (!person->is_string()) {
      return refuse(Refusal::kJwtClaims, issuer.on_behalf_of_claim + " is not a string");
    }
    identity.on_behalf_of = std::string(person->get_string());
  }
  return identity;
}

}  // namespace

Status check_issuer(const JwtIssuer& issuer) {
  const auto wrong = [&](std::string_view what) {
    return fail(Code::kInvalidParams, "issuer '" + issuer.issuer + "': " + std::string(what));
  };
  if (issuer.issuer.empty()) {
    return wrong("expected the exact iss of its tokens");
  }
  if (issuer.audiences.empty() || contains(issuer.audiences, "")) {
    return wrong("expected at least one audience, none of them empty");
  }
  if (issuer.algorithms.empty() ||
      !std::all_of(issuer.algorithms.begin(), issuer.algorithms.end(),
                   [](const std::string& alg) { return contains(kAlgorithms, alg); })) {
    return wrong("expected algorithms out of ES256, ES384, EdDSA, RS256, PS256");
  }
  if (issuer.keys == nullptr) {
    return wrong("expected a key set, as a file or a URL");
  }
  if (issuer.agent_claim.empty()) {
    return wrong("expected the claim that names the agent");
  }
  return {};
}

Judged<JwtIdentity> verify_jwt(std::string token, const std::vector<JwtIssuer>& issuers,
                               WallTime now) {
  const Result<jose::Jws> jws = jose::decode(std::move(token));
  if (!jws) {
    return refuse(Refusal::kJwtMalformed, jws.error().message);
  }
  if (!is_type(jws->typ, names::kTypAccessToken) &&
      !http::equal_ignoring_case(jws->typ, names::kTypJwt)) {
    return refuse(Refusal::kJwtType, "typ is neither JWT nor at+jwt");
  }
  const JwtIssuer* issuer = find_issuer(issuers, *jws);
  if (issuer == nullptr) {
    return refuse(Refusal::kJwtIssuer, "iss is not configured");
  }
  const Judged<PublicKey> key = check_signature(*jws, *issuer);
  if (!key) {
    return tl::unexpected<Finding>(key.error());
  }
  if (const auto good = check_audience(jws->payload, issuer->audiences); !good) {
    return tl::unexpected<Finding>(good.error());
  }
  if (const auto good = check_jwt_times(jws->payload, now.seconds()); !good) {
    return tl::unexpected<Finding>(good.error());
  }
  Judged<JwtIdentity> identity = read_identity(jws->payload, *issuer);
  if (identity) {
    identity->iss = issuer->issuer;
    identity->jti = json::find_string(jws->payload, {"jti"}).value_or("");
    identity->kid = jws->kid;
    identity->thumbprint = key->thumbprint();
  }
  return identity;
}

}  // namespace pawl::identity
