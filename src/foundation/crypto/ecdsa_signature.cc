#include "foundation/crypto/ecdsa_signature.h"

#include <algorithm>

#include "foundation/crypto/openssl_check.h"

namespace pawl::openssl {

namespace {

constexpr std::size_t kMostOctets = 48;  // of an integer: lengths below are one octet each

// An INTEGER of X.690: as few octets as it needs, the first bit is its sign.
void append_integer(std::string& der, std::string_view big_endian) {
  const std::size_t zeros = std::min(big_endian.find_first_not_of('\0'), big_endian.size() - 1);
  big_endian.remove_prefix(zeros);
  const bool pad = (static_cast<unsigned char>(big_endian.front()) & 0x80) != 0;
  der += '\x02';
  der += static_cast<char>(big_endian.size() + (pad ? 1 : 0));
  der.append(pad ? 1 : 0, '\0');
  der += big_endian;
}

}  // namespace

// Written here and not by way of the library's big numbers, which costs six allocations.
std::optional<std::string> der_from_raw(std::string_view raw, std::size_t width) {
  if (width == 0 || width > kMostOctets || raw.size() != 2 * width) {
    return std::nullopt;
  }
  std::string der("\x30\0", 2);
  der.reserve(2 * width + 8);
  append_integer(der, raw.substr(0, width));
  append_integer(der, raw.substr(width));
  der[1] = static_cast<char>(der.size() - 2);
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
