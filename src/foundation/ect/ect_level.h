// The levels of an Execution Context Token: how much stands behind what it says.
//
// Purpose:    L1 is unsigned JSON, of which only the transport vouches; L2 is signed; L3 is signed
//             and stands in a ledger. The payload is the same.
// Threading:  pure functions.
// Not errors: a chain of several levels: its effective level is the weakest of them.
// Source:     docs/formats/ect.md, "Levels".
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace pawl::ect {

enum class Level { kL1 = 1, kL2, kL3 };

// "L1", "L2", "L3": in records and in the configuration.
constexpr std::string_view level_name(Level level) {
  constexpr std::string_view kNames[] = {"L1", "L2", "L3"};
  return kNames[static_cast<int>(level) - 1];
}

constexpr std::optional<Level> parse_level(std::string_view name) {
  for (const Level level : {Level::kL1, Level::kL2, Level::kL3}) {
    if (level_name(level) == name) {
      return level;
    }
  }
  return std::nullopt;
}

constexpr Level weakest(Level a, Level b) {
  return std::min(a, b);
}

// Level 1 is the payload alone, base64url, without dots. Anything else counts as JWS compact.
bool looks_unsigned(std::string_view text);

}  // namespace pawl::ect
