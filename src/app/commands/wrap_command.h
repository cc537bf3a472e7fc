// pawl wrap -- CMD: a stdio server behind the gateway. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_wrap(CLI::App& root, Context& context);

}  // namespace pawl
