// The records of an evidence file as a graph: which belong to the workflow, which they came from,
// and what is not there.
//
// Purpose:    nothing stands in the file without a reason, what its records came from and the file
//             does not have is known, and so is how much stands behind the whole.
// Threading:  pure.
// Errors:     kBadSignature: proven wrong: one id twice, a cause that stands behind what came from
//             it (in a ledger causes are recorded first, so that there is no cycle), a record that
//             neither is of the workflow nor led to it or follows it.
// Not errors: parents that are not there. `is_accounted`: the record itself says that it came from
//             something that stands in no ledger of its own.
// Source:     docs/formats/evidence.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/ect_level.h"

namespace pawl::ledger {

struct GraphNode {
  std::uint64_t index = 0;
  Uuid id;  // of a record that stands for somebody else's token: that token's
  std::optional<Uuid> workflow;
  std::vector<Uuid> causes;
  std::vector<bool> is_declared;  // of each cause: a token that was presented may name it
  // The record says that something it came from is in no ledger here, or was not at hand.
  bool is_open = false;
  ect::Level level = ect::Level::kL3;  // the weakest that it says it came from
  // A token may have been received before its parent was, and, by mistake, twice.
  bool stands_for_token = false;
};
// `index`: of the entry whose token this is.
GraphNode graph_node(std::uint64_t index, const ect::Claims& claims);

struct MissingParent {
  Uuid id;
  std::uint64_t child = 0;    // index of a record that names it
  bool is_accounted = false;  // by every record that names it
};

struct EvidenceGraph {
  std::uint64_t of_workflow = 0;
  std::uint64_t followers = 0;  // of no workflow, about a record of it: what a person found out
  std::uint64_t ancestors = 0;  // of other workflows, or none
  std::vector<MissingParent> missing;  // ascending by id
  ect::Level level = ect::Level::kL3;  // the weakest of the workflow's records and what they are of
};
// `nodes`: ascending by index.
Result<EvidenceGraph> read_evidence_graph(std::span<const GraphNode> nodes, const Uuid& workflow);

// Of a record that belongs to no workflow: it is about one of these.
bool is_follower(const GraphNode& node, const std::function<bool(const Uuid&)>& is_of_workflow);

}  // namespace pawl::ledger
