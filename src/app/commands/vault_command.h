// pawl vault put NAME | list | erase NAME | check: secrets that Pawl holds for servers.
//
// Threading:  the main thread. put, list and check work on the files, beside a daemon or without
// one;
//             erase asks the daemon, because it is recorded first.
// Exit codes: check: 0 everything opens, 1 something is lost or wrong, 2 it could not be looked at.
//             The others: 0 done, 1 refused or failed, 2 bad usage or no daemon.
// Privacy:    a secret comes from standard input, never from an argument, and is never printed.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_vault(CLI::App& root, Context& context);

}  // namespace pawl
