// pawl ledger prune: delete the records that are older than the written retention.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_prune(CLI::App& group, Context& context);

}  // namespace pawl
