#include "foundation/schema/decimal.h"

#include <array>
#include <charconv>

namespace pawl::schema {
namespace {

using Wide = unsigned __int128;

constexpr int kMaxDigits = 19;  // every 19-digit number fits 64 bits
constexpr int kMaxExponent = 9999;

Decimal normal(bool negative, std::uint64_t coefficient, std::int32_t exponent) {
  if (coefficient == 0) {
    return {};
  }
  while (coefficient % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
  return {negative, coefficient, exponent};
}

int digits_of(std::uint64_t value) {
  int digits = 1;
  while (value >= 10) {
    value /= 10;
    ++digits;
  }
  return digits;
}

std::uint64_t power_modulo(std::uint32_t power, std::uint64_t modulus) {
  Wide result = 1 % modulus;
  Wide base = 10 % modulus;
  for (; power != 0; power >>= 1) {
    if (power & 1) {
      result = result * base % modulus;
    }
    base = base * base % modulus;
  }
  return static_cast<std::uint64_t>(result);
}

// Both positive.
int compare_magnitude(const Decimal& a, const Decimal& b) {
  const int a_digits = digits_of(a.coefficient);
  const int b_digits = digits_of(b.coefficient);
  if (a_digits + a.exponent != b_digits + b.exponent) {
    return a_digits + a.exponent < b_digits + b.exponent ? -1 : 1;
  }
  Wide a_scaled = a.coefficient;
  Wide b_scaled = b.coefficient;
  for (int i = a_digits; i < b_digits; ++i) {
    a_scaled *= 10;
  }
  for (int i = b_digits; i < a_digits; ++i) {
    b_scaled *= 10;
  }
  return a_scaled < b_scaled ? -1 : a_scaled > b_scaled ? 1 : 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads the digits at `i`; false when there are none.
bool read_digits(std::string_view text, std::size_t& i, std::string& digits) {
  const std::size_t begin = i;
  while (i < text.size() && is_digit(text[i])) {
    digits += text[i++];
  }
  return i > begin;
}

std::optional<std::int32_t> read_exponent(std::string_view text, std::size_t& i) {
  if (i == text.size() || (text[i] != 'e' && text[i] != 'E')) {
    return 0;
  }
  ++i;
  const bool negative = i < text.size() && text[i] == '-';
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
    ++i;
  }
  std::string digits;
  if (!read_digits(text, i, digits) || digits.size() > 6) {
    return std::nullopt;
  }
  std::int32_t exponent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return negative ? -exponent : exponent;
}

}  // namespace

std::optional<Decimal> Decimal::from_text(std::string_view text) {
  std::size_t i = 0;
  const bool is_negative = text.starts_with('-');
  i += is_negative ? 1 : 0;
  const std::size_t first = i;
  std::string digits;
  if (!read_digits(text, i, digits) || (text[first] == '0' && digits.size() > 1)) {
    return std::nullopt;
  }
  std::int64_t point = 0;
  if (i < text.size() && text[i] == '.') {
    const std::size_t before = digits.size();
    if (!read_digits(text, ++i, digits)) {
      return std::nullopt;
    }
    point = static_cast<std::int64_t>(digits.size() - before);
  }
  const std::optional<std::int32_t> power = read_exponent(text, i);
  if (!power || i != text.size()) {
    return std::nullopt;
  }
  const std::size_t lead = digits.find_first_not_of('0');
  if (lead == std::string::npos) {
    return Decimal{};
  }
  const std::size_t last = digits.find_last_not_of('0');
  const std::int64_t shift = *power - point + static_cast<std::int64_t>(digits.size() - 1 - last);
  const std::string kept = digits.substr(lead, last - lead + 1);
  if (kept.size() > kMaxDigits || shift > kMaxExponent || shift < -kMaxExponent) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  std::from_chars(kept.data(), kept.data() + kept.size(), value);
  return normal(is_negative, value, static_cast<std::int32_t>(shift));
}

Decimal Decimal::from_unsigned(std::uint64_t value) {
  return normal(false, value, 0);
}

Decimal Decimal::from_json(const json::Value& value) {
  if (const std::uint64_t* natural = value.if_uint64()) {
    return from_unsigned(*natural);
  }
  if (const std::int64_t* integer = value.if_int64()) {
    const bool is_negative = *integer < 0;
    const std::uint64_t magnitude = is_negative ? ~static_cast<std::uint64_t>(*integer) + 1
                                                : static_cast<std::uint64_t>(*integer);
    return normal(is_negative, magnitude, 0);
  }
  std::array<char, 32> buffer{};  // the shortest form has at most 17 digits
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.get_double(),
                                 std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  return from_text(text).value_or(Decimal{});
}

int compare(const Decimal& a, const Decimal& b) {
  const int a_sign = a.coefficient == 0 ? 0 : a.negative ? -1 : 1;
  const int b_sign = b.coefficient == 0 ? 0 : b.negative ? -1 : 1;
  if (a_sign != b_sign) {
    return a_sign < b_sign ? -1 : 1;
  }
  if (a_sign == 0) {
    return 0;
  }
  return a_sign > 0 ? compare_magnitude(a, b) : compare_magnitude(b, a);
}

bool is_multiple(const Decimal& value, const Decimal& divisor) {
  if (divisor.coefficient == 0) {
    return false;
  }
  if (value.coefficient == 0) {
    return true;
  }
  const std::int32_t shift = value.exponent - divisor.exponent;
  if (shift >= 0) {
    const Wide scale = power_modulo(static_cast<std::uint32_t>(shift), divisor.coefficient);
    return value.coefficient % divisor.coefficient * scale % divisor.coefficient == 0;
  }
  // A normal coefficient ends in no zero, so it is no multiple of a power of ten.
  return false;
}

std::string to_text(const Decimal& value) {
  std::string digits = std::to_string(value.coefficient);
  const std::string sign = value.negative ? "-" : "";
  const int places = -value.exponent;
  if (value.exponent == 0) {
    return sign + digits;
  }
  if (value.exponent > 0) {
    return value.exponent <= 6 ? sign + digits + std::string(value.exponent, '0')
                               : sign + digits + "e" + std::to_string(value.exponent);
  }
  if (places > 20) {
    return sign + digits + "e" + std::to_string(value.exponent);
  }
  if (static_cast<int>(digits.size()) <= places) {
    digits.insert(0, static_cast<std::size_t>(places) + 1 - digits.size(), '0');
  }
  digits.insert(digits.size() - static_cast<std::size_t>(places), ".");
  return sign + digits;
}

}  // namespace pawl::schema
