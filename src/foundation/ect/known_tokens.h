// What each verified token said under its id, so that its issuer cannot say something else later.
//
// Purpose:    step 13 of docs/formats/ect.md. A token is what its payload says: the signature is no
//             part of that, because ES256 has two valid forms of each, (r, s) and (r, n-s), anybody
//             can make one of the other, and an issuer that signs again makes a third. And whether
//             it stands in the ledger, so that it is recorded once.
// Threading:  one thread at a time.
// Errors:     kTokenInvalid with the reason "equivocation": same `iss` and `jti`, other payload.
// Not errors: the same payload under another signature or another key of the issuer.
// Bounds:     at most 2 x `capacity` digests; the ones not seen for longest are forgotten. Whoever
//             asks looks for those that are recorded where records are found (knows(), recall()).
#pragma once

#include <cstddef>
#include <map>

#include "base/result.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/received_token.h"

namespace pawl::ect {

// Whether a token stands in the ledger.
enum class Keeping { kNot, kUnderWay, kKept };

class KnownTokens {
 public:
  explicit KnownTokens(std::size_t capacity) : capacity_(capacity) {}

  // `token` is verified: what nobody signed must not become known.
  Status note(const Token& token);
  bool knows(const Token& token) { return find(name_of(token.claims)) != nullptr; }
  // Of one that note() made known: it was refused, and what it said binds nobody.
  void forget(const Token& token);
  // One that a record names: it is kept.
  void recall(const ReceivedToken& received);

  Keeping keeping(const Token& token);
  void set_keeping(const Token& token, Keeping keeping);

 private:
  struct Known {
    Digest payload{};  // SHA-256 of the text of payload_digest()
    Keeping keeping = Keeping::kNot;
  };

  static Digest name_of(const Claims& claims);
  static Digest name_of(std::string_view issuer, const Uuid& id);
  Known* find(const Digest& name);
  void put(const Digest& name, const Known& known);

  const std::size_t capacity_;
  std::map<Digest, Known> young_;  // full: it becomes old_, and what was old is dropped
  std::map<Digest, Known> old_;
};

}  // namespace pawl::ect
