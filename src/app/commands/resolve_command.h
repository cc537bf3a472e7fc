// `pawl ledger resolve`: a person says what became of a call whose outcome is unknown.
// Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_resolve(CLI::App& ledger, Context& context);

}  // namespace pawl
