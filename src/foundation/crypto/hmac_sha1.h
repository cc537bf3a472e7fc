// HMAC-SHA-1 (RFC 2104) by OpenSSL, for one-time codes (RFC 6238) alone: phones know nothing else.
// Threading: any thread. Errors: none; a failing library call is fatal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace pawl {

std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, std::string_view bytes);

}  // namespace pawl
