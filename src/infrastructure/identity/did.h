// The key that a decentralized identifier is: did:jwk and did:key, which need nobody to ask.
//
// Threading:  pure functions; DidKeySource: any thread.
// Errors:     kMalformed: not of these methods, or no key in it; kUnsupported: a key of another
// kind. Not errors: a key set with the same key under two names: tokens name it by the whole DID
// URL or by
//             its fragment.
// Not done:   did:web and other methods that fetch.
#pragma once

#include <memory>
#include <string_view>

#include "foundation/jose/jwk_set.h"
#include "infrastructure/identity/key_source.h"

namespace pawl::identity {

inline constexpr std::size_t kMaxDidBytes = 2048;

bool looks_like_did(std::string_view issuer);
Result<jose::JwkSet> keys_of_did(std::string_view did);

// Keys that never change, as the identifier does not.
class DidKeySource : public KeySource {
 public:
  explicit DidKeySource(jose::JwkSet keys)
      : keys_(std::make_shared<const jose::JwkSet>(std::move(keys))) {}
  std::shared_ptr<const jose::JwkSet> keys() override { return keys_; }
  void unknown_key() override {}

 private:
  const std::shared_ptr<const jose::JwkSet> keys_;
};

}  // namespace pawl::identity
