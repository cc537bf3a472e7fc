#include "foundation/records/outcome.h"

#include "foundation/records/names.h"

namespace pawl {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kConfirmed:
      return "confirmed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUnknown:
      return "unknown";
    case Outcome::kDenied:
      return "denied";
    case Outcome::kError:
      return "error";
  }
  return "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  for (const Outcome outcome : {Outcome::kConfirmed, Outcome::kFailed, Outcome::kUnknown,
                                Outcome::kDenied, Outcome::kError}) {
    if (outcome_name(outcome) == name) {
      return outcome;
    }
  }
  return std::nullopt;
}

std::string_view shown_outcome(std::string_view outcome, std::string_view pol_decision) {
  const bool waits =
      outcome == outcome_name(Outcome::kDenied) && pol_decision == names::kPolPending;
  return waits ? kHeldOutcome : outcome;
}

Outcome outcome_shown_as(std::string_view name) {
  return name == kHeldOutcome ? Outcome::kDenied : parse_outcome(name).value_or(Outcome::kUnknown);
}

bool is_shown_outcome(std::string_view name) {
  return name == kHeldOutcome || parse_outcome(name).has_value();
}

}  // namespace pawl
