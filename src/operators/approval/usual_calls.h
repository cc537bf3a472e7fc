// What the arguments of an agent's calls of one tool usually are.
//
// Purpose:    a summary, in bounded room, of calls that went through, for the eye of whoever
//             decides on the next one (usual_differences.h). Nothing is decided by it.
// Threading:  plain value, pure functions.
// Not errors: what is beyond a bound: it is not kept, and the summary tells that there was more.
// Bounds:     kMostPlaces places (argument_leaves.h); of each kMostValues values of
//             kMostValueBytes, and the range of its numbers; kMostLearned values of one call.
// Rule:       numbers compare exactly: 9007199254740993 lies above 9007199254740992.
//
// Example:    approval::learn(usual, arguments);    // once for each call
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/json.h"

namespace pawl::approval {

inline constexpr std::size_t kMostPlaces = 32;
inline constexpr std::size_t kMostValues = 8, kMostValueBytes = 64;  // as JSON text
inline constexpr std::size_t kMostLearned = 128;

using ExactNumber = long double;  // every number of a JSON value: 64 bits, or a double
static_assert(std::numeric_limits<ExactNumber>::digits >= 64);

struct UsualPlace {
  std::string place;
  std::uint64_t calls = 0;              // in which there was something
  std::uint64_t numbers = 0;            // how often it was a number
  ExactNumber lowest = 0, highest = 0;  // of these
  std::vector<std::string> newest{};    // JSON texts of what was no number, each once
  bool varies = false;                  // there were more of them, or longer ones
};

struct UsualCalls {
  std::uint64_t calls = 0;
  std::vector<UsualPlace> places{};
  bool has_more_places = false;  // than are kept
};

// `arguments` null: the call had none.
void learn(UsualCalls& usual, const json::Value* arguments);

const UsualPlace* find_place(const UsualCalls& usual, const std::string& place);

// What it takes of memory, without what an allocator keeps beside it.
std::size_t usual_bytes(const UsualCalls& usual);
std::size_t text_bytes(const std::string& text);

ExactNumber exact_number(const json::Value& number);
std::string number_text(ExactNumber number);  // as json::print has it
// The JSON text of what is no number, if it is short enough to be kept; else empty.
std::string kept_text(const json::Value& value);

}  // namespace pawl::approval
