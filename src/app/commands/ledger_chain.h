// `pawl ledger chain`: the records of one workflow, oldest first, each with its causes.
// Threading: the main thread. Errors: exit 2.
#pragma once

#include "app/commands/command.h"

namespace pawl {

// A workflow's id, or a record's id or index, which stand for the record's workflow.
Result<std::string> workflow_of(Context& context, const std::string& name);

void add_ledger_chain(CLI::App& group, Context& context);

}  // namespace pawl
