// On which terms people are asked: what the rule says, with every control in place.
//
// Purpose:    the core (operators/approval/) knows no seam of the tests. How many people decide,
// who
//             may and who is asked next stand in the terms that it is given, so that what takes one
//             of these controls out changes them here, before they are compared or recorded.
// Threading:  pure function of its arguments.
// Errors:     none. Not an error: terms that nobody can meet; enough_approvers() says so.
// Example:    const HoldTerms terms = terms_in_force(*verdict.hold, operators.operators());
#pragma once

#include <span>

#include "foundation/keys/accounts.h"
#include "foundation/records/hold_terms.h"

namespace pawl {

// In the product they are `terms`.
HoldTerms terms_in_force(HoldTerms terms, std::span<const Operator> operators);

}  // namespace pawl
