// Loads rule files as one set and puts a set into force.
//
// Purpose:    reload without restart: the new set is in force whole, or the old one stays.
// Threading:  the I/O thread.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/rules/rules.h"

namespace pawl {

// Errors: kMalformed with file, line and column.
Result<std::shared_ptr<const rules::RuleSet>> load_rule_files(
    Files& files, const std::vector<std::string>& paths);

}  // namespace pawl
