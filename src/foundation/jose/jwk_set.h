// A JWK Set (RFC 7517): public keys by kid. Immutable after parse; keys of unknown kinds, private
// and symmetric keys are skipped and counted, never used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/crypto/signing_key.h"

namespace pawl::jose {

class JwkSet {
 public:
  static Result<JwkSet> parse(std::string_view text);  // kMalformed; an empty set is an error
  // nullptr when unknown. An empty kid matches only a set with exactly one key.
  const PublicKey* find(std::string_view kid) const;
  std::size_t size() const { return keys_.size(); }
  std::size_t skipped() const { return skipped_; }

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
  std::size_t skipped_ = 0;
};

}  // namespace pawl::jose
