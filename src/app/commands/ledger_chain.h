// `pawl ledger chain`: the records of one workflow, oldest first, each with its causes.
// Threading: the main thread. Errors: exit 2.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_chain(CLI::App& group, Context& context);

}  // namespace pawl
