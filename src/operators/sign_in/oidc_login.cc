#include "operators/sign_in/oidc_login.h"

#include <algorithm>

#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/keys/accounts.h"
#include "infrastructure/identity/jwt_rules.h"
#include "infrastructure/identity/key_lookup.h"
#include "infrastructure/identity/media_type.h"
#include "path/plugged.h"

namespace pawl::sign_in {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::string_view kMethod = "oidc";
constexpr json::Limits kAnswerLimits{.max_bytes = 256 * 1024, .max_depth = 8, .max_members = 1024};

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "OpenID login: " + std::string(why));
}

bool is_one_of(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

template <class T>
Status status_of(const identity::Judged<T>& judged) {
  return judged ? Status() : refuse(judged.error().detail);
}

// With several audiences somebody else's token could name us, too: then it is ours by azp alone.
Status check_party(const json::Value& claims, const std::string& client_id) {
  if (Status good = status_of(identity::check_audience(claims, {client_id})); !good) {
    return good;
  }
  const json::Value* aud = json::find(claims, {"aud"});
  const json::Value* azp = json::find(claims, {"azp"});
  const bool is_list = aud != nullptr && aud->is_array() && aud->get_array().size() > 1;
  if ((is_list || azp != nullptr) && json::find_string(claims, {"azp"}) != client_id) {
    return refuse("azp is not this client");
  }
  return {};
}

Status check_signature(const jose::Jws& jws, const Provider& provider, identity::KeySource& keys) {
  if (!is_one_of(provider.algorithms, jws.alg)) {
    return refuse("alg is not allowed for this provider");
  }
  const identity::Judged<PublicKey> key = identity::find_key(keys, jws.kid);
  if (!key) {
    return refuse(key.error().detail);
  }
  const Status good = jose::verify(jws, *key, provider.algorithms);
  return good ? good : refuse(good.error().message);
}

bool has_value(const json::Value& claims, const RoleRule& rule) {
  const json::Value* claim = json::find(claims, {rule.claim});
  if (claim == nullptr) {
    return false;
  }
  const auto is_it = [&](const json::Value& one) {
    return one.is_string() && std::string_view(one.get_string()) == rule.value;
  };
  const json::Array* list = claim->if_array();
  return list != nullptr ? std::any_of(list->begin(), list->end(), is_it) : is_it(*claim);
}

Result<Person> read_person(const json::Value& claims, const Provider& provider) {
  const auto name = json::find_string(claims, {provider.name_claim});
  if (!name || !is_account_name(*name)) {
    return refuse(provider.name_claim + " is no name");
  }
  Person out{std::string(*name), {}, std::string(kMethod)};
  out.provider = ProviderIdentity{provider.issuer,
                                  std::string(json::find_string(claims, {"sub"}).value_or(""))};
  for (const RoleRule& rule : provider.roles) {
    if (has_value(claims, rule) &&
        std::find(out.grants.begin(), out.grants.end(), rule.grant) == out.grants.end()) {
      out.grants.push_back(rule.grant);
    }
  }
  if (out.grants.empty()) {
    return fail(Code::kForbidden, "OpenID login: no rule of sign_in.oidc.roles is of this person");
  }
  return out;
}

std::string random_text(Random& random) {
  return base64url_encode(random.bytes(kRandomBytes));
}

}  // namespace

PendingLogins::Begun PendingLogins::begin(BootTime now) {
  if (begun_.size() >= kMost) {
    begun_.erase(std::min_element(begun_.begin(), begun_.end(), [](const auto& a, const auto& b) {
      return a.second.at < b.second.at;
    }));
  }
  const Begun begun{random_text(random_), random_text(random_), random_text(random_),
                    random_text(random_), now};
  begun_.insert_or_assign(begun.state, begun);
  return begun;
}

std::optional<PendingLogins::Begun> PendingLogins::take(std::string_view state,
                                                        std::string_view binding, BootTime now) {
  const auto at = begun_.find(state);
  if (at == begun_.end() || !equal_constant_time(at->second.binding, binding)) {
    return std::nullopt;
  }
  Begun out = std::move(at->second);
  begun_.erase(at);
  const bool is_good = now.us - out.at.us < std::chrono::microseconds(kGood).count();
  return is_good ? std::optional(std::move(out)) : std::nullopt;
}

std::string authorization_url(const Provider& provider, const PendingLogins::Begun& begun) {
  std::string scopes;
  for (const std::string& scope : provider.scopes) {
    scopes += (scopes.empty() ? "" : " ") + scope;
  }
  const char joint = provider.authorization_url.find('?') == std::string::npos ? '?' : '&';
  return provider.authorization_url + joint +
         print_fields({{"response_type", "code"},
                       {"client_id", provider.client_id},
                       {"redirect_uri", provider.redirect_url},
                       {"scope", scopes},
                       {"state", begun.state},
                       {"nonce", begun.nonce},
                       {"code_challenge", digest_text(sha256(begun.verifier))},
                       {"code_challenge_method", "S256"}});
}

Result<std::string> check_callback(const Provider& provider, const Fields& fields) {
  const auto issuer = fields.find("iss");
  if (issuer == fields.end() ? provider.must_name_itself : issuer->second != provider.issuer) {
    return refuse("the answer is not this provider's (iss)");
  }
  if (fields.contains("error")) {
    return refuse("the provider refused");
  }
  const auto code = fields.find("code");
  if (code == fields.end() || code->second.empty()) {
    return refuse("no code");
  }
  return code->second;
}

TokenRequest token_request(const Provider& provider, const std::string& code,
                           const std::string& verifier) {
  TokenRequest out;
  out.body = print_fields({{"grant_type", "authorization_code"},
                           {"code", code},
                           {"redirect_uri", provider.redirect_url},
                           {"client_id", provider.client_id},
                           {"code_verifier", verifier}});
  if (!provider.client_secret.empty()) {  // RFC 6749, 2.3.1
    out.authorization = "Basic " + base64_encode(form_encoded(provider.client_id) + ":" +
                                                 form_encoded(provider.client_secret));
  }
  return out;
}

Result<std::string> token_of(std::string_view answer) {
  const Result<json::Parsed> parsed = json::parse(answer, kAnswerLimits);
  const auto token =
      parsed ? json::find_string(parsed->value, {"id_token"}) : std::optional<std::string_view>();
  if (!token) {
    return refuse("the provider's answer has no id_token");
  }
  return std::string(*token);
}

bool knows_key(const std::string& token, identity::KeySource& keys) {
  const Result<jose::Jws> jws = jose::decode(token);
  const std::shared_ptr<const jose::JwkSet> set = keys.keys();
  return !jws || (set != nullptr && set->find(jws->kid) != nullptr);
}

Result<Person> read_id_token(std::string token, const Provider& provider, identity::KeySource& keys,
                             std::string_view nonce, WallTime now) {
  const Result<jose::Jws> jws = jose::decode(std::move(token));
  if (!jws) {
    return refuse(jws.error().message);
  }
  if (!jws->typ.empty() && !identity::is_type(jws->typ, "JWT")) {
    return refuse("typ is not JWT");
  }
  const json::Value& claims = jws->payload;
  if (json::find_string(claims, {"iss"}) != provider.issuer) {
    return refuse("iss is another one");
  }
  Status good = check_signature(*jws, provider, keys);
  good = good ? check_party(claims, provider.client_id) : good;
  good = good ? status_of(identity::check_jwt_times(claims, now.seconds())) : good;
  if (!good) {
    return fail(good.error());
  }
  const auto said = json::find_string(claims, {"nonce"});
  if ((!said || !equal_constant_time(*said, nonce)) && plugged(ControlId::kOidcNonce)) {
    return refuse("nonce is of another login");
  }
  if (!is_subject(json::find_string(claims, {"sub"}).value_or(""))) {
    return refuse("no sub of 1 to 255 printable ASCII characters");
  }
  return read_person(claims, provider);
}

}  // namespace pawl::sign_in
