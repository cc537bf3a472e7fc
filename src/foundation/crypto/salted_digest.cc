#include "foundation/crypto/salted_digest.h"

#include <algorithm>

#include "base/assert.h"
#include "base/encoding.h"

namespace pawl {

Digest salted_digest(std::string_view salt, const Digest& plain) {
  PAWL_CHECK(salt.size() == kSaltBytes, "a salt has one length");
  return sha256({salt, view(plain)});
}

std::optional<Digest> read_digest(std::string_view text) {
  const Result<std::string> bytes = base64url_decode(text);
  Digest out{};
  if (!bytes || bytes->size() != out.size()) {
    return std::nullopt;
  }
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

}  // namespace pawl
