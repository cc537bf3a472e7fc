// `pawl operators`: who may decide on held calls.
//
// Purpose:    list, enroll, remove, each change signed (docs/operations/approve-a-call.md).
// Threading:  the main thread.
// Exits:      0 done; 1 refused, here or by the daemon; 2 no daemon, nobody of this name, bad
// usage.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_operators(CLI::App& root, Context& context);

}  // namespace pawl
