// What each verified token said under its id, so that its issuer cannot say something else later.
//
// Purpose:    step 13 of docs/formats/ect.md. A token is what its payload says: the signature is no
//             part of that, because ES256 has two valid forms of each, (r, s) and (r, n-s), anybody
//             can make one of the other, and an issuer that signs again makes a third.
// Threading:  one thread at a time.
// Errors:     kTokenInvalid with the reason "equivocation": same `iss` and `jti`, other payload.
// Not errors: the same payload under another signature or another key of the issuer.
// Bounds:     soft state, at most 2 x `capacity` digests; the ones not seen for longest are
//             forgotten, and then another payload passes for new.
#pragma once

#include <cstddef>
#include <map>

#include "base/result.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect.h"

namespace pawl::ect {

class KnownTokens {
 public:
  explicit KnownTokens(std::size_t capacity) : capacity_(capacity) {}

  // `token` is verified: what nobody signed must not become known.
  Status note(const Token& token);

 private:
  const std::size_t capacity_;
  std::map<Digest, Digest> young_;  // full: it becomes old_, and what was old is dropped
  std::map<Digest, Digest> old_;
};

}  // namespace pawl::ect
