// `pawl subject`: everything about a person as one file, and the end of a person's key.
// Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_subject(CLI::App& root, Context& context);

}  // namespace pawl
