#include "foundation/crypto/sha512.h"

#include "base/assert.h"
#include "foundation/crypto/openssl_check.h"

namespace pawl {

using namespace openssl;

std::string sha512(std::string_view bytes) {
  std::string out(64, '\0');
  unsigned int size = 0;
  PAWL_CHECK(
      check_one(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                           &size, EVP_sha512(), nullptr)),
      "SHA-512");
  PAWL_CHECK(size == out.size(), "SHA-512 has 64 bytes");
  return out;
}

}  // namespace pawl
