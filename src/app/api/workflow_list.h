// Workflows as rows of a list, and the answer about one of them.
//
// Threading:  pure functions.
// Errors:     as draw_workflow().
// Source:     docs/formats/console_api.md, "Workflows".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/api/record_list.h"
#include "base/json.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

inline constexpr std::size_t kMostAgentsNamed = 20;  // of one workflow

// {id, began, last, records, agents, agents_left_out, outcome_counts}
json::Object workflow_row_json(const store::WorkflowRow& row, std::uint64_t log);

// `rows`: the first of all `total` ones, in the order of the ledger. {id, total, left_out,
// truncated, nodes, edges, ...}
Result<json::Object> workflow_json(const std::string& id, const std::vector<store::RecordRow>& rows,
                                   std::uint64_t total, std::string_view expand);

}  // namespace pawl
