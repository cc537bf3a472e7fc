// Text forms of bytes: base64url without padding (RFC 4648, section 5), base64, lowercase hex.
//
// Threading:  pure functions.
// Errors:     kMalformed for a character outside the alphabet, wrong padding, or non-zero trailing
//             bits (one text for one value, so that a token cannot be re-spelled).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

std::string base64url_encode(std::string_view bytes);
void append_base64url(std::string& text, std::string_view bytes);
Result<std::string> base64url_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);  // with padding
Result<std::string> base64_decode(std::string_view text);
std::string hex_encode(std::string_view bytes);
Result<std::string> hex_decode(std::string_view text);

}  // namespace pawl
