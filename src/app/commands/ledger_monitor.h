// `pawl ledger monitor URL`: follows somebody else's log, for ever or for one look.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_monitor(CLI::App& group, Context& context);

}  // namespace pawl
