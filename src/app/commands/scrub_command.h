// pawl scrub: read everything that is recorded again, now.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_scrub(CLI::App& root, Context& context);

}  // namespace pawl
