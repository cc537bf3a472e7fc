// `pawl ledger tail|show|prove|export|query`: look at the records and hand out proofs.
//
// Threading:  the main thread. Reads the files; a daemon may be running or not.
// Errors:     exit 2 (bad usage, not found), 1 (the ledger is damaged).
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger(CLI::App& root, Context& context);

}  // namespace pawl
