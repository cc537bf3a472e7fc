#include "infrastructure/identity/numeric_date.h"

#include <cmath>
#include <string>

namespace pawl::identity {
namespace {

constexpr double kLargestSeconds = 253'402'300'799.0;  // end of the year 9999

}  // namespace

Result<std::optional<std::int64_t>> numeric_date(const json::Value& payload,
                                                 std::string_view name) {
  const json::Value* value = json::find(payload, {name});
  if (value == nullptr) {
    return std::optional<std::int64_t>{};
  }
  if (value->is_number()) {
    const double seconds = value->to_number<double>();
    if (seconds >= 0 && seconds <= kLargestSeconds) {
      return std::optional<std::int64_t>{static_cast<std::int64_t>(std::floor(seconds))};
    }
  }
  return fail(Code::kMalformed, std::string(name) + " is not a time");
}

}  // namespace pawl::identity
