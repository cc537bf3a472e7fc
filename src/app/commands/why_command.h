// `pawl why ID`: why a call was allowed or refused, from its record alone.
// Threading: the main thread. Exit codes: 2 no such record, 1 the ledger is damaged.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_why(CLI::App& root, Context& context);

}  // namespace pawl
