// `pawl rules replay`: what a changed set of rules would have said to the calls of a ledger.
//
// Threading:  the main thread. Reads files only, also while a daemon writes them.
// Exit codes: 0 nothing would differ; 1 something would; 2 nothing that is known would, but of some
//             calls the records do not hold enough; also: no ledger, rules that do not load.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules_replay(CLI::App& group, Context& context);

}  // namespace pawl
