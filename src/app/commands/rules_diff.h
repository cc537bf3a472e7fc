// `pawl rules diff`: what a changed set of rules changes.
// Threading: the main thread. Exit: 0 it permits nothing more, 1 it permits more, 2 nobody can
// tell.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules_diff(CLI::App& group, Context& context);

}  // namespace pawl
