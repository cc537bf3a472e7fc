// The records of a workflow, or all that one record came from or led to, with what each is worth.
//
// Purpose:    what `pawl ledger chain` shows: in the order of the graph
// (app/commands/ledger_graph.h),
//             every one read from its entry.
// Threading:  the main thread.
// Errors:     kNotFound: no such record; kBadSignature: the ledger contradicts itself. An index
// that
//             contradicts it is built again, once, and that is told.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command.h"
#include "foundation/ect/ect_level.h"
#include "foundation/records/record_graph.h"
#include "infrastructure/store/record_row.h"

namespace pawl {

inline constexpr std::size_t kMostOfAWorkflow = 10'000;

struct ChainAsked {
  std::string name;  // a workflow's id, or a record's id or index, which stand for its workflow
  bool ancestors = false;  // of the record, instead of its workflow
  bool descendants = false;
};

struct ChainCause {
  std::string id;
  std::string basis;  // empty: the record does not say
};

struct ChainLink {
  store::RecordRow row;
  std::vector<ChainCause> causes;
  RecordGraph::Standing standing;

  bool is_cyclic() const { return standing.level == 0; }
  ect::Level level() const;  // nothing stands behind what comes from a cycle
};

struct RecordChain {
  std::vector<ChainLink> links;  // empty: no such workflow
  bool cut = false;              // kMostOfAWorkflow, the newest
};

// A workflow's id, or a record's id or index, which stand for the record's workflow.
Result<std::string> workflow_of(Context& context, const std::string& name);

Result<RecordChain> record_chain(Context& context, const ChainAsked& asked);

}  // namespace pawl
