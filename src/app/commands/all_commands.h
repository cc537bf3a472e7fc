// Every command of `pawl`, added in the order of --help. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_all_commands(CLI::App& root, Context& context);

}  // namespace pawl
