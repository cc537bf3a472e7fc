// The fields of a query or of a form (application/x-www-form-urlencoded), read strictly.
//
// Threading:  pure functions.
// Errors:     kInvalidRequest: a name twice, a bad escape, more than kMost fields or bytes.
// Not errors: an empty text (no fields), a field without a value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pawl::sign_in {

inline constexpr std::size_t kMostFields = 32;
inline constexpr std::size_t kMostFieldBytes = 8192;

using Fields = std::map<std::string, std::string, std::less<>>;

Result<Fields> parse_fields(std::string_view text);
std::string print_fields(const std::vector<std::pair<std::string, std::string>>& fields);
// Everything but the unreserved characters of RFC 3986 as %XX.
std::string form_encoded(std::string_view text);

}  // namespace pawl::sign_in
