// `pawl ledger present`: a record shown in part, to somebody who verifies it offline
// (docs/formats/exec_audit.md).
//
// Threading:  the main thread. Errors: told; exit 1 for a log that does not hold, else 2.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_present(CLI::App& group, Context& context);

}  // namespace pawl
