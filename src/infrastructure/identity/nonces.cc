#include "infrastructure/identity/nonces.h"

#include "foundation/crypto/sha256.h"

namespace pawl::identity {

std::string Nonces::of_span(std::int64_t span) const {
  return digest_text(hmac_sha256(key_, "pawl.proof/nonce\n" + std::to_string(span)));
}

std::string Nonces::current(std::int64_t now_s) const {
  return of_span(now_s / kNonceSeconds);
}

bool Nonces::is_good(std::string_view nonce, std::int64_t now_s) const {
  const std::int64_t span = now_s / kNonceSeconds;
  return equal_constant_time(nonce, of_span(span)) || equal_constant_time(nonce, of_span(span - 1));
}

}  // namespace pawl::identity
