// The constraints of a policy token as sets of rules, and its triggers as conditions.
//
// Purpose:    one language, one matcher and one narrowing check for both (design, section 4).
// Threading:  pure functions; what they return is immutable.
// Errors:     kTokenInvalid: "bad_rules" (as the loader of rules says), "bad_rule" (a member that a
//             token's rule may not have, or another `then` than allow or deny), "bad_act".
//
// Each kind of constraint is a set of its own, and a request must be allowed by every one of them.
// The rules see the identity that the token names as `agent`, not the name of the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/acp/acp_token.h"
#include "foundation/rules/narrowing.h"

namespace pawl::acp {

struct ConstraintSet {
  std::string name;  // "allowed_acts", "allowed_agents" or "rules"
  rules::ComparableSet set;
};

Result<std::vector<ConstraintSet>> compile(const Constraints& constraints);

// A set that allows exactly the requests of this act: by verb, where it is one of Pawl's; else by
// the name of a tool or prompt, or by SERVER/NAME.
Result<rules::ComparableSet> compile_act(const std::string& act);
// A set that denies where the gate's trigger fires, in doubt as well; for triggers by action and by
// threshold.
Result<rules::ComparableSet> compile_trigger(const Trigger& trigger);

}  // namespace pawl::acp
