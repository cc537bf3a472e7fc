// The graph of one workflow, as much of it as a page can draw.
//
// Purpose:    up to kMostDrawn records are shown each; of more, most stand in groups by agent and
//             depth, so that the answer stays small and still counts every record.
// Threading:  pure functions.
// Cost:       10,000 records: some tens of milliseconds.
// Errors:     kNotFound: `expand` names no group of this graph.
// Not errors: a cause that is not among the records (another workflow, pruned, not to be seen): it
//             gives no edge, and is counted in `elsewhere`.
// Rule:       shown records and the groups' counts add up to all rows that were given; with or
//             without `expand` there are the same groups, and never more than kMostDrawn things.
// Source:     docs/formats/console_api.md, "Workflows".
//
// Example:
//   Result<json::Object> drawn = draw_workflow(rows, "g:triage:3");
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "infrastructure/store/record_row.h"

namespace pawl {

inline constexpr std::size_t kMostDrawn = 500;  // records and groups together
inline constexpr std::size_t kMostGroups = 300;
inline constexpr std::size_t kMostOpened = 200;  // records of the group that was opened
inline constexpr std::size_t kMostEdges = 5'000;

// How far each record stands from the first: the longest way to it from one without a cause here.
// `rows`: in the order of the ledger. A cause that stands behind its effect counts for none.
std::vector<std::uint32_t> depths_of(const std::vector<store::RecordRow>& rows);

// {nodes, edges, elsewhere, edges_left_out}; `expand`: a group's id; empty: none.
Result<json::Object> draw_workflow(const std::vector<store::RecordRow>& rows,
                                   std::string_view expand);

}  // namespace pawl
