// `pawl witness`: a witness for the logs of others, a process and a key of its own.
// Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_witness(CLI::App& root, Context& context);

}  // namespace pawl
