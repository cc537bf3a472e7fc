// `pawl notify test`: whether people who should be told are reached.
// Threading: the main thread. Exit: 0 every webhook took it, 1 one did not, or there is none, 2 no
// daemon.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_notify(CLI::App& root, Context& context);

}  // namespace pawl
