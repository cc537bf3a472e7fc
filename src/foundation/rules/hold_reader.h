// `hold` under `then`: who is asked, and on which terms; internal to foundation/rules.
//
// Purpose:    the terms of `then: hold` and of `then: { hold: { ... } }`.
// Threading:  pure functions.
// Errors:     kMalformed "file:line:column: what, expected what".
// Not errors: an empty list of roles: whatever the rule holds is denied (warnings.h says so).
#pragma once

#include <string>

#include "base/result.h"
#include "foundation/records/hold_terms.h"
#include "foundation/rules/yaml_tree.h"

namespace pawl::rules {

// Of a bare `hold`, and what a map leaves out: one approver decides on one use in 15 minutes.
HoldTerms default_hold();
// Roles are a set: they come sorted, and none may stand twice.
Result<HoldTerms> read_hold(const std::string& file, const Yaml& terms);

}  // namespace pawl::rules
