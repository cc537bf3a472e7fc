#include "infrastructure/identity/key_lookup.h"

namespace pawl::identity {

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

}  // namespace pawl::identity
