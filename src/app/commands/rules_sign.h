// `pawl rules sign`: an operator's signature on a set of rules, beside its files.
//
// Threading:  the main thread.
// Exit codes: 0 signed; 1 the rules do not load, or what they say cannot be signed; 2 no key, no
//             configuration, or a file cannot be read or written.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules_sign(CLI::App& group, Context& context);

}  // namespace pawl
