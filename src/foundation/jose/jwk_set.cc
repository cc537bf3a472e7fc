#include "foundation/jose/jwk_set.h"

#include <algorithm>
#include <utility>

#include "foundation/crypto/algorithm.h"

namespace pawl::jose {
namespace {

constexpr std::size_t kMaxKeys = 1000;
constexpr json::Limits kLimits{.max_bytes = 1024 * 1024, .max_depth = 8, .max_members = 50'000};

// What the key's own members allow: use (4.2), key_ops (4.3) and alg (4.4) of RFC 7517.
bool is_for_verification(const json::Value& jwk, KeyKind kind) {
  if (json::find(jwk, {"use"}) != nullptr && json::find_string(jwk, {"use"}) != "sig") {
    return false;
  }
  if (const json::Value* operations = json::find(jwk, {"key_ops"}); operations != nullptr) {
    const json::Array* array = operations->if_array();
    if (array == nullptr ||
        std::find(array->begin(), array->end(), json::Value("verify")) == array->end()) {
      return false;
    }
  }
  if (json::find(jwk, {"alg"}) == nullptr) {
    return true;
  }
  const std::optional<Algorithm> algorithm =
      parse_algorithm(json::find_string(jwk, {"alg"}).value_or(""));
  return algorithm && key_kind_of(*algorithm) == kind;
}

// nullopt: not usable here.
std::optional<PublicKey> usable_key(const json::Value& jwk) {
  if (json::find(jwk, {"kid"}) != nullptr && !json::find_string(jwk, {"kid"})) {
    return std::nullopt;
  }
  Result<PublicKey> key = PublicKey::from_jwk(jwk);
  if (!key || !is_for_verification(jwk, key->kind())) {
    return std::nullopt;
  }
  return std::move(*key);
}

}  // namespace

Result<JwkSet> JwkSet::parse(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, kLimits);
  if (!parsed) {
    return fail_at("JWK Set", parsed.error());
  }
  const json::Value* keys = json::find(parsed->value, {"keys"});
  if (keys == nullptr || !keys->is_array()) {
    return fail(Code::kMalformed, "JWK Set: expected an object with an array 'keys'");
  }
  if (keys->get_array().size() > kMaxKeys) {
    return fail(Code::kTooLarge, "JWK Set: more than " + std::to_string(kMaxKeys) + " keys");
  }
  JwkSet set;
  for (const json::Value& jwk : keys->get_array()) {
    std::optional<PublicKey> key = usable_key(jwk);
    if (!key) {
      ++set.skipped_;
      continue;
    }
    std::string kid(json::find_string(jwk, {"kid"}).value_or(""));
    if (kid.empty()) {
      kid = key->thumbprint();
    }
    if (!set.keys_.emplace(kid, std::move(*key)).second) {
      return fail(Code::kMalformed, "JWK Set: two keys have the kid " + json::quote(kid));
    }
  }
  if (set.keys_.empty()) {
    return fail(Code::kMalformed,
                "JWK Set: no usable key among " + std::to_string(keys->get_array().size()));
  }
  return set;
}

const PublicKey* JwkSet::find(std::string_view kid) const {
  if (kid.empty()) {
    return keys_.size() == 1 ? &keys_.begin()->second : nullptr;
  }
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace pawl::jose
