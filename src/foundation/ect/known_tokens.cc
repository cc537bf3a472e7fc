#include "foundation/ect/known_tokens.h"

#include <optional>

namespace pawl::ect {
namespace {

Digest name_of(const Token& token) {
  return sha256(token.claims.iss + '\n' + token.claims.jti.text());
}

// The encoded text: the strict reader knows one text for one payload. An unsigned token is its
// payload, so that the signed form of the same is the same token. The CBOR form has a payload of
// its own: an id stands for a token in the one form or in the other.
Digest payload_of(const Token& token) {
  if (!token.cbor_claims.empty()) {
    return sha256(token.cbor_claims);
  }
  const std::string_view text = token.compact;
  const std::size_t begin = text.find('.') + 1;
  return sha256(text.substr(begin, text.rfind('.') - begin));
}

std::optional<Digest> found_in(const std::map<Digest, Digest>& known, const Digest& name) {
  const auto at = known.find(name);
  return at == known.end() ? std::nullopt : std::optional<Digest>(at->second);
}

}  // namespace

Status KnownTokens::note(const Token& token) {
  const Digest name = name_of(token);
  const Digest payload = payload_of(token);
  std::optional<Digest> known = found_in(young_, name);
  if (!known) {
    known = found_in(old_, name);
    if (young_.size() >= capacity_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_.insert_or_assign(name, known.value_or(payload));
  }
  if (known && *known != payload) {
    return fail(Code::kTokenInvalid, "equivocation: " + token.claims.iss + " made token " +
                                         token.claims.jti.text() + " with other words before");
  }
  return {};
}

}  // namespace pawl::ect
