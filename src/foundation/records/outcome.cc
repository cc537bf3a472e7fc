#include "foundation/records/outcome.h"

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

}  // namespace pawl
