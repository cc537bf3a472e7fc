// `pawl help [COMMAND...]` and `pawl version`: what --help and --version say, for those who ask so.
// Threading: the main thread. Errors: exit 2: no such command.
#pragma once

#include "app/commands/command.h"

namespace pawl {

// After all other commands.
void add_help(CLI::App& root, Context& context);

}  // namespace pawl
