// What keeps a rule from matching, for `pawl why` and `pawl rules explain`; internal.
//
// Threading:  pure function; borrows everything.
// Privacy:    names are shown, of an argument only its kind and length.
#pragma once

#include <vector>

#include "foundation/rules/condition.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

// The fewest predicates whose change would make the condition match. At least one when it does not.
std::vector<Difference> differences(const Condition& condition, Effect effect,
                                    const AtomTable& atoms, const Facts& facts,
                                    Evaluation& evaluation);

}  // namespace pawl::rules
