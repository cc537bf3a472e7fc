// `pawl ledger query`: records by who, where, what and when, newest first.
// Threading: the main thread. Errors: exit 2.
#pragma once

#include "app/commands/command.h"
#include "infrastructure/store/record_row.h"

namespace pawl {

void add_ledger_query(CLI::App& group, Context& context);
// A line for people, or one JSON object a line with --json.
void print_row(Context& context, const store::RecordRow& row);

}  // namespace pawl
