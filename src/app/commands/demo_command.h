// pawl demo: the story told with real servers, real clients and real files. Threading: the main
// thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_demo(CLI::App& root, Context& context);

}  // namespace pawl
