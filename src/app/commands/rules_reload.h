// `pawl rules reload`: the running daemon reads its rule files anew, and says what took force.
//
// Threading:  the main thread; waits for the daemon's answer.
// Exit codes: 0 what the files say is in force; 1 the daemon refused them (why, with file and line
//             where it is one), and what was in force stays; 2 no daemon answers.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules_reload(CLI::App& group, Context& context);

}  // namespace pawl
