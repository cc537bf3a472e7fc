// `pawl approvals`: the calls that wait for people, and what people say to them.
//
// Purpose:    list, show, approve, deny (docs/operations/approve-a-call.md). What is signed is
// shown
//             first, and arguments that are not those of the approval are not signed for.
// Threading:  the main thread.
// Exits:      0 done; 1 refused, here or by the daemon; 2 no daemon, no such approval, bad usage.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_approvals(CLI::App& root, Context& context);

}  // namespace pawl
