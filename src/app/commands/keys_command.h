// `pawl keys`: which keys sign the records, and how they are changed.
//
// Purpose:    list, rotate, retire, compromised (docs/operations/rotate-a-key.md,
//             key-compromised.md).
// Threading:  the main thread.
// Exits:      0 done; 1 refused, or the daemon could not; 2 no daemon, bad usage.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_keys(CLI::App& root, Context& context);

}  // namespace pawl
