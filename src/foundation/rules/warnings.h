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

// Expired rules (with `now`), verbs that no request has, and holds that nobody may approve. What
// rules do to each other is in shadowed.h.
std::vector<std::string> warnings(const std::vector<RuleInfo>& infos,
                                  const std::vector<Condition>& conditions, const AtomTable& atoms,
                                  std::optional<std::int64_t> now);

}  // namespace pawl::rules
