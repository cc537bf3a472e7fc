#include "foundation/crypto/ecdsa_signature.h"

#include <tuple>

#include "foundation/crypto/openssl_check.h"

namespace pawl::openssl {

std::optional<std::string> der_from_raw(std::string_view raw, std::size_t width) {
  if (raw.size() != 2 * width) {
    return std::nullopt;
  }
  const int count = static_cast<int>(width);
  EcdsaSignature signature(ECDSA_SIG_new());
  BigNumber r(BN_bin2bn(octets_of(raw), count, nullptr));
  BigNumber s(BN_bin2bn(octets_of(raw) + width, count, nullptr));
  if (!check_not_null(signature) || !check_not_null(r) || !check_not_null(s) ||
      !check_one(ECDSA_SIG_set0(signature.get(), r.get(), s.get()))) {
    return std::nullopt;
  }
  std::ignore = r.release();  // ECDSA_SIG_set0 took both
  std::ignore = s.release();

  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (!check_positive(size)) {
    return std::nullopt;
  }
  std::string der(static_cast<std::size_t>(size), '\0');
  unsigned char* out = octets_of(der);
  if (!check_count(i2d_ECDSA_SIG(signature.get(), &out), size)) {
    return std::nullopt;
  }
  return der;
}

std::optional<std::string> raw_from_der(std::string_view der, std::size_t width) {
  const unsigned char* in = octets_of(der);
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  if (!check_not_null(signature) || in != octets_of(der) + der.size()) {
    return std::nullopt;
  }
  const int count = static_cast<int>(width);
  std::string raw(2 * width, '\0');
  if (!check_count(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), octets_of(raw), count), count) ||
      !check_count(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), octets_of(raw) + width, count),
                   count)) {
    return std::nullopt;
  }
  return raw;
}

}  // namespace pawl::openssl
