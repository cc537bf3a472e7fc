// SHA-512 (FIPS 180-4) by OpenSSL; for digests that others chose. Our own are SHA-256.
// Threading: any thread. Errors: none; a failing library call is fatal.
#pragma once

#include <string>
#include <string_view>

namespace pawl {

std::string sha512(std::string_view bytes);  // 64 bytes

}  // namespace pawl
