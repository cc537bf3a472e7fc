// UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
//
// Threading:  pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace pawl {

// The length of the sequence at the start of `text`; 0 when there is none.
std::size_t utf8_sequence_size(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace pawl
