// A claim that is a time (NumericDate, RFC 7519): seconds; a fraction is allowed and cut.
// Threading: pure. Errors: kMalformed: there, and no time of the years 1970 to 9999.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace pawl::identity {

// nullopt: absent.
Result<std::optional<std::int64_t>> numeric_date(const json::Value& payload, std::string_view name);

}  // namespace pawl::identity
