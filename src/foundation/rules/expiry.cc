#include "foundation/rules/expiry.h"

#include <chrono>

namespace pawl::rules {
namespace {

// Exactly `count` digits at the front of `text`, which it takes away.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// "10:20" as seconds; nullopt when out of range.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) {
    return std::nullopt;
  }
  const auto minute = take_number(text, 2);
  return minute && *minute <= 59 ? std::optional<std::int64_t>(*hour * 3600 + *minute * 60)
                                 : std::nullopt;
}

std::optional<std::int64_t> take_day(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) {
    return std::nullopt;
  }
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) {
    return std::nullopt;
  }
  const auto day = take_number(text, 2);
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86400};
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto day = take_day(text);
  if (!day || text.empty()) {
    return day;
  }
  if (!take(text, 'T') && !take(text, 't')) {
    return std::nullopt;
  }
  const auto clock = take_clock(text);
  if (!clock || !take(text, ':')) {
    return std::nullopt;
  }
  const auto second = take_number(text, 2);
  if (!second || *second > 59) {
    return std::nullopt;
  }
  if (take(text, '.')) {
    if (!take_number(text, 1)) {
      return std::nullopt;
    }
    while (take_number(text, 1)) {
    }
  }
  const std::int64_t local = *day + *clock + *second;
  if (text == "Z" || text == "z") {
    return local;
  }
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) {
    return std::nullopt;
  }
  const auto offset = take_clock(text);
  return offset && text.empty() ? std::optional(east ? local - *offset : local + *offset)
                                : std::nullopt;
}

}  // namespace pawl::rules
