// The columns of the index's table `records`, and a row of them as a value.
//
// Purpose:    what writes rows (record_index.cc) and what searches them (record_query.cc) agree
//             here.
// Threading:  pure functions over a statement.
// Not errors: a column that holds what no column should: the file is anybody's, and a row is an
//             answer to look-ups that judges nothing.
// Source:     docs/formats/index.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/store/record_row.h"
#include "infrastructure/store/sqlite.h"

namespace pawl::store {

inline constexpr const char* kColumns =
    "idx, id, at, kind, verb, agent, server, tool, outcome, workflow, parents, level, partial, "
    "approved, token, issuer, payload, token_at, basis, resource";
inline constexpr const char* kPlaces = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

std::string_view bytes_of(const Uuid& id);
// The file is anybody's: a part of an id at the end is none, and what is no level is the weakest.
std::vector<Uuid> ids_of(std::string_view bytes);
ect::Level level_of(std::int64_t number);

// In the order of kColumns.
void bind_row(Statement& statement, const RecordRow& row);
RecordRow row_of(const Statement& found);
Result<std::vector<RecordRow>> all_rows(Statement& select);

}  // namespace pawl::store
