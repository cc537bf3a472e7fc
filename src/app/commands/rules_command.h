// `pawl rules test`: the tests that stand beside rules; and the group of the other commands of
// rules_*.h.
//
// Threading:  the main thread.
// Exit codes: test: 1 a test does not hold, 2 there are none, or a file cannot be read.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules(CLI::App& root, Context& context);

}  // namespace pawl
