// What a decision point outside is asked about one Action, and what its answer means.
//
// Purpose:    two forms: OpenID AuthZEN Authorization API 1.0 (evaluation) and OPA's REST API
//             (POST /v1/data/...). Only a well-formed `true` passes.
// Threading:  pure functions.
// Errors:     read_answer(): kUndecidable, with what was wrong: anything but a true or a false.
// Rule:       names; arguments, in the exact text that is forwarded, only where that is asked for.
// Source:     docs/formats/outside_decision.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "path/action.h"

namespace pawl::decision {

enum class Kind { kAuthzen, kOpa };
constexpr std::string_view kind_name(Kind kind) {
  return kind == Kind::kAuthzen ? "authzen" : "opa";
}

// `instance`: spiffe://DOMAIN/pawl/NODE.
std::string print_question(Kind kind, const Action& action, const std::string& instance,
                           bool with_arguments);

struct PointAnswer {
  int status = 0;
  std::string content_type;  // empty: none, or several
  std::string body;
};
Result<bool> read_answer(Kind kind, const PointAnswer& answer);

}  // namespace pawl::decision
