// The execution graph of the tokens that a caller presents with a call.
//
// Purpose:    rules 1, 3, 4 and 5 of the graph refuse a token that breaks them. Rule 2 finds the
//             parents that are neither recorded here nor presented along: by GraphRules the call is
//             refused, or goes on, and its record says that its graph is partial, and which they
//             are. And how much stands behind the whole: the weakest level in it.
// Threading:  plain values and pure functions; the I/O thread.
// Errors:     kTokenInvalid with the reason of foundation/ect in front, or "parent_unknown".
// Not errors: a token of this instance's own, and its parents: they were judged when it was
//             recorded; another's token that is recorded already, presented again; with GraphRules
//             as they are by default, parents that nobody has.
// Source:     docs/formats/ect.md, "DAG" and "Levels".
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "foundation/ect/ect.h"
#include "gateway/recorded_tasks.h"

namespace pawl {

// What the operator chose. The defaults are those of docs/operations/configuration.md.
struct GraphRules {
  bool allow_partial = true;
  bool allow_other_workflow = false;
  bool refuse_unapproved = false;
};

using PresentedTokens = std::vector<std::shared_ptr<const ect::Token>>;

inline constexpr std::size_t kMostMissing = 16;

struct GraphFinding {
  std::vector<Uuid> missing;  // each once, at most kMostMissing; not empty: a partial graph
  std::vector<std::vector<Uuid>> missing_of;  // the same of each presented token
};

// `presented`: verified, each text once.
Result<GraphFinding> check_presented_graph(const PresentedTokens& presented,
                                           std::string_view own_issuer,
                                           const RecordedTasks& recorded, const GraphRules& rules);

// What a record of ours says of its own origin; none: L3.
ect::Level recorded_level(const ect::Claims& claims);

// The weakest level of one token and of what is known of its chain: a token of ours is recorded
// (L3) and says itself what it came from.
ect::Level level_of(const ect::Token& token, std::string_view own_issuer,
                    const RecordedTasks& recorded);

// Whether what is recorded under the id of a token is that token.
bool is_recorded_as(const ect::Token& token, const RecordedTask& task);

// The policy companion's rule for the call itself, which follows what was presented but what
// another presented token follows. kTokenInvalid, "parent_refused".
Status check_presented_decisions(const PresentedTokens& presented);

}  // namespace pawl
