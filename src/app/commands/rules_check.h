// `pawl rules check`: do the rules load, and what is probably not meant.
//
// Threading:  the main thread.
// Exit codes: 0 they load, whatever is remarked; 1 they do not; 2 a file cannot be read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/commands/command.h"

namespace pawl {

void add_rules_check(CLI::App& group, Context& context);
// The rule files of a command; none: those of the configuration.
std::shared_ptr<std::vector<std::string>> add_rule_files(CLI::App& command);

}  // namespace pawl
