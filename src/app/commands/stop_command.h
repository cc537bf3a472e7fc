// pawl stop and pawl resume. Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_stop(CLI::App& root, Context& context);
void add_resume(CLI::App& root, Context& context);

}  // namespace pawl
