#include "foundation/ect/known_tokens.h"

#include <utility>

#include "foundation/crypto/bounded_name.h"

namespace pawl::ect {

Digest KnownTokens::name_of(std::string_view issuer, const Uuid& id) {
  return sha256({issuer, "\n", id.text()});
}

Digest KnownTokens::name_of(const Claims& claims) {
  return name_of(bounded_name(claims.iss), claims.jti);
}

KnownTokens::Known* KnownTokens::find(const Digest& name) {
  for (auto* known : {&young_, &old_}) {
    if (const auto at = known->find(name); at != known->end()) {
      return &at->second;
    }
  }
  return nullptr;
}

// What is seen again is young again.
void KnownTokens::put(const Digest& name, const Known& known) {
  if (young_.contains(name)) {
    return;
  }
  if (young_.size() >= capacity_) {
    old_ = std::exchange(young_, {});
  }
  young_.insert_or_assign(name, known);
}

Status KnownTokens::note(const Token& token) {
  const Digest name = name_of(token.claims);
  const Digest payload = sha256(digest_text(payload_digest(token)));
  const Known* found = find(name);
  const Known known = found != nullptr ? *found : Known{payload, Keeping::kNot};
  put(name, known);
  if (known.payload != payload) {
    return fail(Code::kTokenInvalid, "equivocation: " + token.claims.iss + " made token " +
                                         token.claims.jti.text() + " with other words before");
  }
  return {};
}

void KnownTokens::forget(const Token& token) {
  const Digest name = name_of(token.claims);
  young_.erase(name);
  old_.erase(name);
}

void KnownTokens::recall(const ReceivedToken& received) {
  const Digest name = name_of(received.issuer, received.id);
  if (Known* known = find(name)) {
    known->keeping = Keeping::kKept;
    return;
  }
  put(name, {sha256(received.payload), Keeping::kKept});
}

Keeping KnownTokens::keeping(const Token& token) {
  const Known* known = find(name_of(token.claims));
  return known != nullptr ? known->keeping : Keeping::kNot;
}

void KnownTokens::set_keeping(const Token& token, Keeping keeping) {
  if (Known* known = find(name_of(token.claims))) {
    known->keeping = keeping;
  }
}

}  // namespace pawl::ect
