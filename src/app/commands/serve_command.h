// pawl serve: the daemon. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_serve(CLI::App& root, Context& context);

}  // namespace pawl
