// pawl status: what is going on, for people and --json. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_status(CLI::App& root, Context& context);

}  // namespace pawl
