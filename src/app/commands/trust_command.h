// `pawl trust pin PATH`: decide once whose signatures count for a log, and keep it.
//
// Threading:  the main thread.
// Errors:     exit 1: the keys are not the expected ones, differ from those pinned before, or the
//             log does not extend the pinned head; exit 2: nothing to pin there.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_trust(CLI::App& root, Context& context);

}  // namespace pawl
