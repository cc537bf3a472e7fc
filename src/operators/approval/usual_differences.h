// In what a call differs from its agent's usual calls of the same tool.
//
// Purpose:    what whoever decides should look at first. Nothing is decided by it.
// Threading:  pure functions.
// Not errors: nothing usual is known (calls is 0): nothing differs. What lies beyond the bounds of
//             the summary is counted as not compared, never as usual.
// Bounds:     kMostCompared values are looked at, kMostUnusual are told, kMostNewPlaces of them at
//             places that nothing usual has, so that these cannot push out others.
// Source:     docs/formats/console_api.md, "usual".
//
// Example:    differences(usual, arguments).list[0]    // /amount 125000, 3 to 99 in 50 calls
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "operators/approval/usual_calls.h"

namespace pawl::approval {

inline constexpr std::size_t kMostCompared = 1'024, kMostUnusual = 64, kMostNewPlaces = 24;

enum class Unusual {
  kOutOfRange,  // a number below the lowest or above the highest
  kNewValue,    // another value, or a value of another type
  kNewPlace,    // no usual call has anything there
  kMissing,     // every usual call has something there
};
std::string_view unusual_name(Unusual what);  // "out_of_range"

struct Difference {
  Unusual what = Unusual::kNewPlace;
  std::string pointer;               // in the arguments; kMissing: the place
  std::string now{};                 // JSON text; empty: kMissing
  std::uint64_t seen = 0;            // in how many usual calls something was there
  std::string lowest{}, highest{};   // of the numbers there; empty: there were none
  std::vector<std::string> usual{};  // JSON texts there that are no numbers, the newest first
  bool varies = false;               // there were more of these
};

struct Differences {
  std::uint64_t calls = 0;  // with which it was compared
  // What is out of range, and new where few values are usual; new places; what is missing; and
  // new values where they vary.
  std::vector<Difference> list{};
  std::uint64_t more = 0;  // that differ, too, as the items of a list beside the one that is told
  std::uint64_t not_compared = 0;  // values
};

// `arguments` null: the call has none.
Differences differences(const UsualCalls& usual, const json::Value* arguments);

}  // namespace pawl::approval
