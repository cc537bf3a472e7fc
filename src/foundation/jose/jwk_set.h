// A JWK Set (RFC 7517): public keys by kid.
//
// Threading:  immutable after parse; any thread.
// Ownership:  the set owns its keys; a key found is valid as long as the set.
// Errors:     kMalformed: no JWK Set, no usable key in it, two usable keys of one kid; kTooLarge.
// Not errors: keys of unknown kinds, private and symmetric keys, keys for encryption or for an
//             algorithm outside algorithm.h: skipped and counted, never used.
//
// Example:
//   Result<jose::JwkSet> keys = jose::JwkSet::parse(text);
//   const PublicKey* key = keys->find(jws.kid);  // nullptr: refuse the token
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/crypto/signing_key.h"

namespace pawl::jose {

class JwkSet {
 public:
  // At most 1 MiB and 1000 keys. A key without kid goes by its thumbprint (RFC 7638).
  static Result<JwkSet> parse(std::string_view text);
  // nullptr when unknown. An empty kid matches only a set with exactly one key.
  const PublicKey* find(std::string_view kid) const;
  const std::map<std::string, PublicKey, std::less<>>& keys() const { return keys_; }  // by kid
  std::size_t size() const { return keys_.size(); }
  std::size_t skipped() const { return skipped_; }

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
  std::size_t skipped_ = 0;
};

}  // namespace pawl::jose
