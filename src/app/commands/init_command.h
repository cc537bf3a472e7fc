// pawl init: keys, the operator's key file, a first configuration. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_init(CLI::App& root, Context& context);

}  // namespace pawl
