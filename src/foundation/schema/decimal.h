// Exact decimal numbers: what a JSON number says, not the double that holds it.
//
// Purpose:    compare and divide numbers of calls and of rules without rounding: 0.07 is a multiple
//             of 0.01, and 9007199254740993 is not 9007199254740992.
// Threading:  plain values, pure functions.
// Errors:     from_text: nullopt for a text that is not a JSON number, or has more than 19
//             significant digits, or an exponent beyond +-9999.
// Not errors: a double: it stands for the shortest decimal that reads as that double.
//
// Example:
//   std::optional<Decimal> limit = Decimal::from_text("0.01");
//   bool fits = is_multiple(Decimal::from_json(value), *limit);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace pawl::schema {

// (negative ? -1 : 1) * coefficient * 10^exponent. Normal form: no trailing zero in the
// coefficient; zero is {false, 0, 0}. Equal numbers are therefore equal member by member.
struct Decimal {
  bool negative = false;
  std::uint64_t coefficient = 0;
  std::int32_t exponent = 0;

  static std::optional<Decimal> from_text(std::string_view text);
  // `value` must be a number of any of the three kinds.
  static Decimal from_json(const json::Value& value);
  static Decimal from_unsigned(std::uint64_t value);

  bool is_integer() const { return exponent >= 0; }
  bool operator==(const Decimal&) const = default;
};

// Less than, equal to or greater than zero, as a is to b.
int compare(const Decimal& a, const Decimal& b);
// True when value = divisor * n for an integer n. False for a divisor of zero.
bool is_multiple(const Decimal& value, const Decimal& divisor);
// A text that reads as the same number: 0.01, 12, 1e30.
std::string to_text(const Decimal& value);

}  // namespace pawl::schema
