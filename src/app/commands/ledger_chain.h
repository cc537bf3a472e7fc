// `pawl ledger chain`: the records of one workflow, or all that a record came from or led to,
// oldest first, each with its causes and with what its chain is worth.
// Threading: the main thread. Errors: exit 2; exit 1 when the ledger contradicts itself.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_chain(CLI::App& group, Context& context);

}  // namespace pawl
