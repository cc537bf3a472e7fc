// May this agent do this now, by its chain of policy tokens?
//
// Purpose:    find the agent's node, its parents' state, the constraints and the gates: allowed,
//             held for people, or refused with the exact reason. It never widens what rules allow.
// Threading:  pure function.
// Ownership:  borrows everything.
// Not errors: a request that is refused.
//
// Every token of the chain is asked, not only the last: what one of them refuses is refused. Of the
// gates of one token that fire the most severe decide; a hold satisfies every token's. Parents and
// depth are those of the first token's graph, so that leaving out an edge opens nothing.
//
// Of several nodes that fit, one without a hold decides, else the first that is held, else the
// first: were it the first alone, whoever delegates fewer nodes would get rid of its hold.
//
// resource_limits and the number of tokens issued are not counted here (limits_of).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/acp/acp_chain.h"
#include "foundation/records/hold_terms.h"

namespace pawl::acp {

enum class NodeState { kOpen, kDone, kFailed };
// Of a node of the chain whose first token has this id.
using DoneNodes = std::function<NodeState(const Uuid& root, std::string_view node)>;

struct Standing {
  bool allowed = false;
  std::string node{};               // the one that decided; empty: none fits
  std::string reason{};             // "parents_open: ..."; empty when it is allowed without a hold
  std::optional<HoldTerms> hold{};  // allowed only on these terms
};

// agent: the identity as tokens name it; facts.agent is not looked at. now: seconds.
Standing standing(const Chain& chain, std::string_view agent, const rules::Facts& facts,
                  const DoneNodes& done, std::int64_t now);

// What the tokens say about resources for a node, all of it to be kept.
std::vector<ResourceLimit> limits_of(const Chain& chain, std::string_view node);

}  // namespace pawl::acp
