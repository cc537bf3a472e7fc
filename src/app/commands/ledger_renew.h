// pawl ledger renew: freeze the log and go on as a new one.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_renew(CLI::App& group, Context& context);

}  // namespace pawl
