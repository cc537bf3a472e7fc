#include "foundation/crypto/hmac_sha1.h"

#include <openssl/core_names.h>

#include "base/assert.h"
#include "foundation/crypto/openssl_check.h"

namespace pawl {

using namespace openssl;

std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, std::string_view bytes) {
  static EVP_MAC* const kAlgorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  PAWL_CHECK(kAlgorithm != nullptr, "this OpenSSL has no HMAC");
  // A new context each time: a kept one would keep the key.
  const MacContext context(EVP_MAC_CTX_new(kAlgorithm));
  PAWL_CHECK(check_not_null(context), "out of memory");
  char name[] = "SHA1";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key means "the key of before" to EVP_MAC_init, so an empty key needs an address.
  const unsigned char* key_octets = octets_of(key.empty() ? std::string_view("") : key);
  PAWL_CHECK(check_one(EVP_MAC_init(context.get(), key_octets, key.size(), params)), "HMAC start");
  PAWL_CHECK(check_one(EVP_MAC_update(context.get(), octets_of(bytes), bytes.size())),
             "HMAC update");
  std::array<std::uint8_t, 20> out{};
  std::size_t size = 0;
  PAWL_CHECK(check_one(EVP_MAC_final(context.get(), out.data(), &size, out.size())), "HMAC end");
  PAWL_CHECK(size == out.size(), "HMAC-SHA-1 has 20 bytes");
  return out;
}

}  // namespace pawl
