// What a set of rules says that is legal and probably not meant; internal to foundation/rules.
// Threading: pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/rules/condition.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

// Expired rules (with `now`), verbs that no request has, holds that nobody may approve, and allow
// rules and holds that an enforced deny rule covers whole. Coverage is decided over names only, so
// a covered rule may go unreported, but a reported one is covered.
std::vector<std::string> warnings(const std::vector<RuleInfo>& infos,
                                  const std::vector<Condition>& conditions, const AtomTable& atoms,
                                  std::optional<std::int64_t> now);

}  // namespace pawl::rules
