// What became of an Action. Unknown is never success (design, promise 7).
#pragma once

#include <optional>
#include <string_view>

namespace pawl {

enum class Outcome {
  kConfirmed,  // the upstream answered with a result
  kFailed,     // the upstream answered with an error, or a tool result with isError
  kUnknown,    // forwarded, and no answer tells what happened
  kDenied,     // a control refused it; nothing was forwarded
  kError,      // it failed before anything was forwarded
};

std::string_view outcome_name(Outcome outcome);  // "confirmed", "failed", "unknown", ...
std::optional<Outcome> parse_outcome(std::string_view name);

// To people an attempt that waits for people is `held`; its record says denied, for nothing of it
// was forwarded, and that a person has to decide (pol_decision).
inline constexpr std::string_view kHeldOutcome = "held";
std::string_view shown_outcome(std::string_view outcome, std::string_view pol_decision);
// Of either kind of name; any other is unknown.
Outcome outcome_shown_as(std::string_view name);
bool is_shown_outcome(std::string_view name);

}  // namespace pawl
