// What a set of rules is known by; internal to foundation/rules.
// Threading: pure function. Source: docs/formats/rules.md, "What a set is known by".
#pragma once

#include <string>
#include <vector>

#include "foundation/rules/condition.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

// 43 characters; equal for sets that say the same, whatever their files and layout.
std::string set_digest(const std::vector<RuleInfo>& infos, const std::vector<Condition>& conditions,
                       const AtomTable& atoms);

}  // namespace pawl::rules
