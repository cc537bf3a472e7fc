// The time of an `expires`: RFC 3339 date-time, or a date, which means its first moment in UTC.
// Threading: pure function. Errors: nullopt for any other text, or a date that does not exist.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pawl::rules {

// Seconds since 1970-01-01T00:00:00Z; fractions of a second are cut off.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace pawl::rules
