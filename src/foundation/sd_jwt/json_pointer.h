// JSON Pointers (RFC 6901), by which people name what is disclosable.
//
// Threading:  pure functions.
// Errors:     kInvalidParams: a text that is no pointer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::sd_jwt {

// `pointer` and one step below it, with '~' and '/' escaped.
std::string below(const std::string& pointer, std::string_view step);
// The steps, unescaped. "" has none, and is refused: the whole is no member.
Result<std::vector<std::string>> steps_of(std::string_view pointer);

}  // namespace pawl::sd_jwt
