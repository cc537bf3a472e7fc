#include <array>
#include <charconv>

#include "app/config/config.h"

namespace pawl {
namespace {

constexpr std::string_view kForever = "forever";
constexpr std::int64_t kMostSeconds = 36'525LL * 86'400;

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array kUnits = {Unit{'d', 86'400}, Unit{'h', 3'600}, Unit{'m', 60}, Unit{'s', 1}};

}  // namespace

std::optional<std::int64_t> parse_period(std::string_view text) {
  if (text == kForever) {
    return 0;
  }
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end + 1 != text.data() + text.size() || count < 1) {
    return std::nullopt;
  }
  for (const Unit& unit : kUnits) {
    if (*end == unit.letter && count <= kMostSeconds / unit.seconds) {
      return count * unit.seconds;
    }
  }
  return std::nullopt;
}

std::string print_period(std::int64_t seconds) {
  if (seconds == 0) {
    return std::string(kForever);
  }
  for (const Unit& unit : kUnits) {
    if (seconds % unit.seconds == 0) {
      return std::to_string(seconds / unit.seconds) + unit.letter;
    }
  }
  return "";
}

}  // namespace pawl
