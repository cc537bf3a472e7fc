// `pawl ledger export`: the whole log as a bundle, or one workflow as an evidence file.
// Threading: the main thread. Errors: exit 2; 1 when the log is damaged, or the file holds
// something else.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_export(CLI::App& group, Context& context);

}  // namespace pawl
