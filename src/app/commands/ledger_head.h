// pawl ledger head: the newest checkpoint of a ledger, for the head file and for people.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_head(CLI::App& group, Context& context);

}  // namespace pawl
