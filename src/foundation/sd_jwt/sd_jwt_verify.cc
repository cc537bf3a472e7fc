#include <algorithm>

#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/sd_jwt/sd_jwt.h"
#include "foundation/sd_jwt/sd_jwt_refusal.h"

namespace pawl::sd_jwt {
namespace {

// Under a reason of this folder; a failed library stays undecidable.
tl::unexpected<Error> under(std::string_view reason, const Error& error) {
  if (error.code == Code::kUndecidable || error.code == Code::kInternal) {
    return fail(Code::kUndecidable, "undecidable: " + error.message);
  }
  return refuse(reason, error.message);
}

bool is_one_of(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

Status check_signature(const jose::Jws& jws, const PublicKey& key,
                       const std::vector<std::string>& algorithms, std::string_view bad_alg,
                       std::string_view bad_signature) {
  const Status valid = jose::verify(jws, key, algorithms);
  if (valid) {
    return {};
  }
  return under(valid.error().code == Code::kBadSignature ? bad_signature : bad_alg, valid.error());
}

Status check_issuer(const jose::Jws& jws, const KeyResolver& resolve,
                    const VerifyOptions& options) {
  if (!options.types.empty() && !is_one_of(options.types, jws.typ)) {
    return refuse("bad_type", "the type \"" + jws.typ + "\" is not asked for");
  }
  if (!is_one_of(options.algorithms, jws.alg)) {
    return refuse("bad_alg", "the algorithm " + jws.alg + " is not allowed here");
  }
  const Result<PublicKey> key = resolve(jws);
  if (!key) {
    return under("unknown_key", key.error());
  }
  return check_signature(jws, *key, options.algorithms, "bad_alg", "bad_signature");
}

Result<std::optional<std::int64_t>> seconds_of(const json::Object& claims, std::string_view name) {
  const json::Value* value = claims.if_contains(name);
  if (value == nullptr) {
    return std::optional<std::int64_t>();
  }
  if (!value->is_int64() || value->get_int64() < 0) {
    return refuse("bad_time", std::string(name) + " must be whole seconds");
  }
  return std::optional(value->get_int64());
}

Status check_times(const json::Object& claims, std::int64_t now) {
  const auto exp = seconds_of(claims, "exp");
  const auto nbf = seconds_of(claims, "nbf");
  if (!exp || !nbf) {
    return fail(exp ? nbf.error() : exp.error());
  }
  if (*exp && now >= **exp) {
    return refuse("expired", "its exp has passed");
  }
  if (*nbf && now + kClockSkewSeconds < **nbf) {
    return refuse("not_yet", "its nbf is to come");
  }
  return {};
}

bool names_audience(const json::Value* aud, const std::string& audience) {
  if (aud == nullptr) {
    return false;
  }
  if (const json::Array* list = aud->if_array()) {
    return std::any_of(list->begin(), list->end(), [&](const json::Value& one) {
      return one.is_string() && one.get_string() == audience;
    });
  }
  return aud->is_string() && aud->get_string() == audience;
}

Status check_binding_claims(const json::Value& said, const SdJwt& token, const KeyBinding& asked,
                            std::int64_t now) {
  const json::Value* iat = json::find(said, {"iat"});
  if (iat == nullptr || !iat->is_int64() || iat->get_int64() > now + kClockSkewSeconds ||
      iat->get_int64() < now - asked.max_age_s) {
    return refuse("key_binding_time", "its iat is missing, to come, or too old");
  }
  if (json::find_string(said, {"aud"}) != std::string_view(asked.audience)) {
    return refuse("key_binding_audience", "it was made for somebody else");
  }
  if (json::find_string(said, {"nonce"}) != std::string_view(asked.nonce)) {
    return refuse("key_binding_nonce", "it answers another request");
  }
  if (json::find_string(said, {"sd_hash"}) !=
      std::string_view(digest_text(sha256(token.presented)))) {
    return refuse("key_binding_hash", "it was made for other disclosures, or another token");
  }
  return {};
}

// Section 7.3, step 5. `payload`: what the issuer signed, or its processed form.
Status check_key_binding(const SdJwt& token, const json::Object& claims,
                         const VerifyOptions& options) {
  if (!options.key_binding) {
    return token.key_binding.empty()
               ? Status()
               : refuse("key_binding_unexpected", "nobody asked for a key binding");
  }
  if (token.key_binding.empty()) {
    return refuse("key_binding_missing", "the holder has to prove possession of its key");
  }
  const Result<PublicKey> key = holder_key(claims);
  if (!key) {
    return fail(key.error());
  }
  const Result<jose::Jws> jws = jose::decode(token.key_binding);
  if (!jws) {
    return refuse("key_binding_malformed", jws.error().message);
  }
  if (jws->typ != kKeyBindingType) {
    return refuse("key_binding_type", "its type must be kb+jwt");
  }
  if (Status valid = check_signature(*jws, *key, options.algorithms, "key_binding_signature",
                                     "key_binding_signature");
      !valid) {
    return valid;
  }
  const std::int64_t now = options.now.seconds();
  if (Status said = check_binding_claims(jws->payload, token, *options.key_binding, now); !said) {
    return said;
  }
  if (const Status times = check_times(jws->payload.get_object(), now); !times) {
    return under("key_binding_time", times.error());
  }
  return {};
}

std::size_t digests_in(const json::Value& value) {
  std::size_t out = 0;
  if (const json::Object* object = value.if_object()) {
    for (const auto& member : *object) {
      out += member.key() == kDigests && member.value().is_array()
                 ? member.value().get_array().size()
                 : digests_in(member.value());
    }
    const bool is_element = object->size() == 1 && object->contains(kElement);
    return out + (is_element ? 1 : 0);
  }
  if (const json::Array* array = value.if_array()) {
    for (const json::Value& one : *array) {
      out += digests_in(one);
    }
  }
  return out;
}

std::size_t withheld_in(const SdJwt& token) {
  std::size_t digests = digests_in(token.jws.payload);
  for (const Disclosure& disclosure : token.disclosures) {
    digests += digests_in(disclosure.value);
  }
  return digests - token.disclosures.size();
}

}  // namespace

Result<PublicKey> holder_key(const json::Value& payload) {
  const json::Value* jwk = json::find(payload, {kConfirmation, "jwk"});
  const Result<PublicKey> key =
      jwk != nullptr ? PublicKey::from_jwk(*jwk) : fail(Code::kNotFound, "it has no cnf.jwk");
  if (!key) {
    return under("holder_key", key.error());
  }
  return *key;
}

Result<Verified> verify(std::string_view text, const KeyResolver& resolve,
                        const VerifyOptions& options) {
  const Result<SdJwt> token = parse(text);
  if (!token) {
    return fail(token.error());
  }
  if (Status issuer = check_issuer(token->jws, resolve, options); !issuer) {
    return fail(issuer.error());
  }
  Result<Processed> processed = process(*token);
  if (!processed) {
    return fail(processed.error());
  }
  if (!options.audience.empty() &&
      !names_audience(processed->claims.if_contains("aud"), options.audience)) {
    return refuse("wrong_audience", "its aud does not name " + options.audience);
  }
  if (options.check_times) {
    if (Status times = check_times(processed->claims, options.now.seconds()); !times) {
      return fail(times.error());
    }
  }
  if (Status bound = check_key_binding(*token, processed->claims, options); !bound) {
    return fail(bound.error());
  }
  return Verified{
      std::move(processed->claims), token->jws.typ,      token->jws.kid,
      token->disclosures.size(),    withheld_in(*token), options.key_binding.has_value()};
}

}  // namespace pawl::sd_jwt
