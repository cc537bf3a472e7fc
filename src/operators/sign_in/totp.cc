#include "operators/sign_in/totp.h"

#include "foundation/crypto/hmac_sha1.h"
#include "foundation/crypto/sha256.h"
#include "operators/sign_in/form_fields.h"

namespace pawl::sign_in {
namespace {

constexpr std::size_t kDigits = 6;
constexpr std::uint32_t kModulus = 1'000'000;
constexpr std::int64_t kDrift = 1;  // steps

std::string big_endian(std::uint64_t number) {
  std::string out(8, '\0');
  for (std::size_t i = out.size(); i-- > 0; number >>= 8) {
    out[i] = static_cast<char>(number & 0xff);
  }
  return out;
}

}  // namespace

std::string totp_code(std::string_view secret, std::int64_t step) {
  const auto mac = hmac_sha1(secret, big_endian(static_cast<std::uint64_t>(step)));
  const std::size_t at = mac.back() & 0x0f;  // RFC 4226, 5.3
  const std::uint32_t number = (std::uint32_t{mac[at]} & 0x7f) << 24 |
                               std::uint32_t{mac[at + 1]} << 16 | std::uint32_t{mac[at + 2]} << 8 |
                               std::uint32_t{mac[at + 3]};
  std::string digits = std::to_string(number % kModulus);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::int64_t> check_code(std::string_view secret, std::string_view code,
                                       std::int64_t now_s, std::int64_t used) {
  std::optional<std::int64_t> out;
  const std::int64_t present = now_s / kTotpStepSeconds;
  for (std::int64_t step = present - kDrift; step <= present + kDrift; ++step) {
    // All are compared, so that the time does not tell which one it was.
    const bool fits = equal_constant_time(code, totp_code(secret, step));
    if (fits && step > used && !out) {
      out = step;
    }
  }
  return out;
}

std::string base32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t bits = 0;
  int waiting = 0;
  for (const char byte : bytes) {
    bits = (bits << 8 | static_cast<unsigned char>(byte)) & 0xffff;
    for (waiting += 8; waiting >= 5; waiting -= 5) {
      out += kAlphabet[bits >> (waiting - 5) & 0x1f];
    }
  }
  if (waiting > 0) {
    out += kAlphabet[bits << (5 - waiting) & 0x1f];
  }
  return out;
}

std::string otpauth_url(std::string_view secret, std::string_view name) {
  return "otpauth://totp/Pawl:" + form_encoded(name) + "?secret=" + base32(secret) + "&issuer=Pawl";
}

}  // namespace pawl::sign_in
