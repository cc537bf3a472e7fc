// `pawl ledger query`: records by who, where, what and when, newest first.
// Threading: the main thread. Errors: exit 2.
#pragma once

#include "app/commands/command.h"
#include "base/json.h"
#include "infrastructure/store/record_index.h"
#include "infrastructure/store/record_row.h"

namespace pawl {

void add_ledger_query(CLI::App& group, Context& context);

// Newest first: of the log in use, then of the frozen ones, at most filter.limit.
Result<std::vector<store::RecordRow>> query_records(Context& context, const std::string& root,
                                                    store::RecordFilter filter);

// A row, and of a record of Pawl's own state what it says (state_words.h).
struct ToldRow {
  store::RecordRow row;
  std::string words{};
  json::Object members{};
};
ToldRow told_row(store::RecordRow row, std::string_view token);
// A line for people, or one JSON object a line with --json.
void print_row(Context& context, const ToldRow& told);

}  // namespace pawl
