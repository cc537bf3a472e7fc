#include "base/json_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace pawl::json {
namespace {

constexpr std::size_t kMaxShortestDigits = 17;  // enough for every double
constexpr std::size_t kAlwaysExactDigits = 15;  // any decimal this long survives a double
constexpr std::int64_t kExponentBound = 1'000'000'000'000;

// 0.d1d2d3... * 10^point, without leading or trailing zero digits; zero has no digits.
struct Decimal {
  bool negative = false;
  bool long_digits = false;  // more than kMaxShortestDigits: no shortest form equals it
  std::array<char, kMaxShortestDigits> digits{};
  std::size_t count = 0;
  std::int64_t point = 0;

  bool operator==(const Decimal& other) const {
    return !long_digits && !other.long_digits && negative == other.negative &&
           point == other.point && count == other.count &&
           std::equal(digits.begin(), digits.begin() + count, other.digits.begin());
  }
};

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t exponent = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      exponent = std::min(exponent * 10 + (c - '0'), kExponentBound);
    }
  }
  return negative ? -exponent : exponent;
}

Decimal read_decimal(std::string_view text) {
  Decimal decimal;
  std::int64_t pending_zeros = 0;  // zeros seen since the last other digit
  bool after_point = false;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    const char c = text[i];
    if (c == '-') {
      decimal.negative = true;
      continue;
    }
    if (c == '.') {
      after_point = true;
      continue;
    }
    if (decimal.count == 0 && c == '0') {
      decimal.point -= after_point ? 1 : 0;
      continue;
    }
    decimal.point += after_point ? 0 : 1;
    if (c == '0') {
      ++pending_zeros;
      continue;
    }
    for (; pending_zeros > 0 && decimal.count < kMaxShortestDigits; --pending_zeros) {
      decimal.digits[decimal.count++] = '0';
    }
    if (decimal.count == kMaxShortestDigits) {
      decimal.long_digits = true;
      pending_zeros = 0;
    } else {
      decimal.digits[decimal.count++] = c;
    }
  }
  if (decimal.count == 0) {
    return {};
  }
  if (i < text.size()) {
    decimal.point += read_exponent(text.substr(i + 1));
  }
  return decimal;
}

Decimal shortest(double value) {
  // Written before it is read.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  return read_decimal({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

}  // namespace

double read_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && std::isfinite(value)) {
    return value;
  }
  const Decimal decimal = read_decimal(text);
  const double bound = decimal.point > 0 ? std::numeric_limits<double>::max() : 0.0;
  return decimal.negative ? -bound : bound;
}

bool changes_as_double(std::string_view text, double value) {
  const bool plain = text.find_first_of("eE") == std::string_view::npos;
  if (plain && text.size() <= kAlwaysExactDigits) {
    return false;
  }
  return !(read_decimal(text) == shortest(value));
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  const Decimal decimal = shortest(value);
  if (decimal.count == 0) {
    out += '0';
    return;
  }
  if (decimal.negative) {
    out += '-';
  }
  const std::string_view digits(decimal.digits.data(), decimal.count);
  const auto count = static_cast<std::int64_t>(decimal.count);
  const std::int64_t point = decimal.point;
  if (count <= point && point <= 21) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    const auto whole = static_cast<std::size_t>(point);
    out.append(digits.substr(0, whole)).append(1, '.').append(digits.substr(whole));
  } else if (-6 < point && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else {
    out += digits[0];
    if (count > 1) {
      out.append(1, '.').append(digits.substr(1));
    }
    out += point > 0 ? "e+" : "e-";
    out += std::to_string(std::abs(point - 1));
  }
}

}  // namespace pawl::json
