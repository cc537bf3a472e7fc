// pawl config show and check. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_config(CLI::App& root, Context& context);

}  // namespace pawl
