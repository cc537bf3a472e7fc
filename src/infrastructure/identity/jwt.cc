#include "infrastructure/identity/jwt.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "foundation/jose/jws.h"
#include "infrastructure/identity/delegation.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::array<std::string_view, 5> kAlgorithms = {"ES256", "ES384", "EdDSA", "RS256",
                                                         "PS256"};
constexpr double kLargestSeconds = 253'402'300'799.0;  // end of the year 9999

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// Media types compare without regard to case, and "application/" may be left out (RFC 7515).
bool is_access_token_type(std::string_view typ) {
  std::string lower(typ);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "jwt" || lower == "at+jwt" || lower == "application/at+jwt";
}

const JwtIssuer* find_issuer(const std::vector<JwtIssuer>& issuers, const jose::Jws& jws) {
  const auto iss = json::find_string(jws.payload, {"iss"});
  const auto at = std::find_if(issuers.begin(), issuers.end(),
                               [&](const JwtIssuer& one) { return iss && one.issuer == *iss; });
  return at == issuers.end() ? nullptr : &*at;
}

Judged<PublicKey> find_key(KeySource& source, const std::string& kid) {
  std::shared_ptr<const jose::JwkSet> keys = source.keys();
  if (keys == nullptr) {
    return refuse(Refusal::kJwtNoKeys, "the issuer's keys cannot be had");
  }
  if (kid.empty() && keys->size() > 1) {
    return refuse(Refusal::kJwtKey, "no kid, and the issuer has several keys");
  }
  if (const PublicKey* key = keys->find(kid)) {
    return *key;
  }
  source.unknown_key();
  keys = source.keys();  // a file may have been read again at once
  if (const PublicKey* key = keys != nullptr ? keys->find(kid) : nullptr) {
    return *key;
  }
  return refuse(Refusal::kJwtKey, "the issuer has no such key");
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

Judged<void> check_audience(const json::Value& payload, const JwtIssuer& issuer) {
  const json::Value* aud = json::find(payload, {"aud"});
  const auto is_ours = [&](const json::Value& value) {
    return value.is_string() && contains(issuer.audiences, std::string_view(value.get_string()));
  };
  const json::Array* list = aud != nullptr ? aud->if_array() : nullptr;
  if (aud != nullptr &&
      (is_ours(*aud) || (list != nullptr && std::any_of(list->begin(), list->end(), is_ours)))) {
    return {};
  }
  return refuse(Refusal::kJwtAudience, "aud does not name this gateway");
}

// NumericDate: seconds, a fraction is allowed and cut. Absent is fine here.
Judged<std::optional<std::int64_t>> seconds_of(const json::Value& payload, std::string_view name) {
  const json::Value* value = json::find(payload, {name});
  if (value == nullptr) {
    return std::optional<std::int64_t>{};
  }
  if (value->is_number()) {
    const double seconds = value->to_number<double>();
    if (seconds >= 0 && seconds <= kLargestSeconds) {
      return std::optional<std::int64_t>{static_cast<std::int64_t>(std::floor(seconds))};
    }
  }
  return refuse(Refusal::kJwtClaims, std::string(name) + " is not a time");
}

Judged<void> check_times(const json::Value& payload, std::int64_t now) {
  const auto exp = seconds_of(payload, "exp");
  const auto nbf = seconds_of(payload, "nbf");
  const auto iat = seconds_of(payload, "iat");
  for (const auto* time : {&exp, &nbf, &iat}) {
    if (!*time) {
      return tl::unexpected<Finding>(time->error());
    }
  }
  if (!*exp) {
    return refuse(Refusal::kJwtClaims, "exp is missing");
  }
  if (now >= **exp + kJwtSkewSeconds) {
    return refuse(Refusal::kJwtExpired, "exp has passed");
  }
  for (const auto* time : {&nbf, &iat}) {
    if (**time && ***time > now + kJwtSkewSeconds) {
      return refuse(Refusal::kJwtNotYet, "nbf or iat lies ahead");
    }
  }
  return {};
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
  if (!is_access_token_type(jws->typ)) {
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
  if (const auto good = check_audience(jws->payload, *issuer);
      !good && plugged(ControlId::kJwtAudience)) {
    return tl::unexpected<Finding>(good.error());
  }
  if (const auto good = check_times(jws->payload, now.seconds());
      !good && plugged(ControlId::kJwtTimes)) {
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
