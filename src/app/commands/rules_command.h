// `pawl rules check|explain|test`: rules before they are in force; and the commands of
// rules_tokens.h.
//
// Threading:  the main thread.
// Exit codes: check: 1 the rules do not load; test: 1 a test does not hold, 2 there are none;
//             explain: 0 whatever the answer; 2 where a file cannot be read.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules(CLI::App& root, Context& context);

}  // namespace pawl
