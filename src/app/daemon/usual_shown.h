// What is usual beside a held call, and in what it differs, as the API has it.
//
// Purpose:    for the eye of whoever decides: nothing is decided by it.
// Threading:  pure functions.
// Not errors: nothing usual is known: `compared` is 0. Params that are no JSON: nothing differs.
// Source:     docs/formats/console_api.md, "usual".
//
// Example:    {"compared":50,"differs":[{"pointer":"/arguments/amount","is":"out_of_range",
//              "now":"125000","seen":50,"lowest":"3","highest":"99"}]}
#pragma once

#include <string>

#include "base/json.h"
#include "operators/approval/binding.h"
#include "operators/approval/usual_calls.h"

namespace pawl {

// Whether calls of its kind are learned from: tool calls.
bool has_usual(const approval::Binding& binding);

// `params`: of the held call.
json::Object usual_shown(const approval::UsualCalls& usual, const std::string& params);

}  // namespace pawl
