#include "foundation/crypto/der_signature.h"

#include "foundation/crypto/ecdsa_signature.h"
#include "foundation/crypto/openssl_check.h"

namespace pawl {
namespace {

constexpr std::size_t kWidth = 32;
constexpr std::size_t kLongest = 72;  // two integers of 33 octets with their heads, and their own

}  // namespace

std::optional<std::string> es256_from_der(std::string_view der) {
  if (der.size() > kLongest) {
    return std::nullopt;
  }
  std::optional<std::string> raw = openssl::raw_from_der(der, kWidth);
  if (!raw) {
    openssl::forget_errors();
  }
  return raw;
}

}  // namespace pawl
