// What others see of the record keys: RecordKeys, second part.
#include <limits>

#include "app/daemon/record_keys.h"

namespace pawl {
namespace {

using Key = KeyValidity::Key;

json::Object jwk_of(const PublicKey& key) {
  // What the library printed itself parses.
  return json::parse(key.to_jwk())->value.get_object();
}

const char* state_of(const Key& key, const std::string& in_use) {
  return key.compromised_since_s ? "compromised"
         : !key.may_sign()       ? "retired"
         : key.kid == in_use     ? "in_use"
                                 : "valid";
}

}  // namespace

json::Object shown_key(const Key& key, const std::string& in_use) {
  json::Object out{{"kid", key.kid}, {"state", state_of(key, in_use)}};
  if (key.until == std::optional<std::uint64_t>(0)) {
    out["earlier_log"] = true;  // none of the indices of this log
  } else {
    out["from"] = key.from;
  }
  if (key.until && *key.until > 0) {
    out["until"] = *key.until;
  }
  if (key.compromised_since_s) {
    out["compromised_since"] = *key.compromised_since_s;
  }
  return out;
}

json::Object RecordKeys::list() const {
  const std::string& in_use = parts_.keys.instance_kid();
  json::Array keys;
  for (const Key& key : parts_.decisions.keys.all()) {
    keys.push_back(shown_key(key, in_use));
  }
  json::Object out{{"in_use", in_use}, {"next", parts_.keys.next_kid()}};
  out["keys"] = std::move(keys);
  return out;
}

std::string RecordKeys::jwk_set() const {
  json::Array keys;
  const auto add = [&](const std::string& kid, const PublicKey& key) {
    json::Object jwk = jwk_of(key);
    jwk["kid"] = kid;
    jwk["alg"] = "ES256";
    jwk["use"] = "sig";
    keys.push_back(std::move(jwk));
  };
  add(parts_.keys.instance_kid(), parts_.keys.instance_key().public_key());
  for (const auto& [kid, key] : parts_.keys.former_keys()) {
    const Key* known = parts_.decisions.keys.find(kid);
    if (known != nullptr && !known->compromised_since_s) {
      add(kid, key);
    }
  }
  return json::print(json::Object{{"keys", std::move(keys)}});
}

void RecordKeys::tell_parents() {
  ParentTokens::FormerKeys former;
  for (const auto& [kid, key] : parts_.keys.former_keys()) {
    const Key* known = parts_.decisions.keys.find(kid);
    if (known != nullptr && !known->compromised_since_s) {
      former.emplace(kid, ParentTokens::FormerKey{
                              key, known->may_sign() ? std::numeric_limits<std::int64_t>::max()
                                                     : known->until_s});
    }
  }
  parts_.parents.own_keys(parts_.keys.instance_key().public_key(), parts_.keys.instance_kid(),
                          std::move(former));
}

}  // namespace pawl
