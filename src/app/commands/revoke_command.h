// `pawl revoke`: agents, users, keys, certificates and single tokens that count no more.
//
// Purpose:    order a revocation, lift one of a name, list what is in force
//             (docs/operations/stolen-key.md).
// Threading:  the main thread.
// Exits:      0 done; 1 refused, or the daemon could not; 2 no daemon, bad usage.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_revoke(CLI::App& root, Context& context);

}  // namespace pawl
