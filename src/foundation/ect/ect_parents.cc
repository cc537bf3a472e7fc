#include <algorithm>
#include <unordered_map>

#include "foundation/ect/ect.h"
#include "foundation/records/names.h"
#include "foundation/records/record_graph.h"

namespace pawl::ect {
namespace {

using ById = std::unordered_map<Uuid, const Parent*>;

tl::unexpected<Error> refuse(std::string message) {
  return fail(Code::kTokenInvalid, std::move(message));
}

ById by_id(const std::vector<Parent>& parents) {
  ById known;
  for (const Parent& parent : parents) {
    // The ledger's own statement wins over a copy that came along.
    if (const auto [at, added] = known.emplace(parent.claims.jti, &parent);
        !added && parent.recorded) {
      at->second = &parent;
    }
  }
  return known;
}

// Rule 4. Recorded tokens end the walk: they stand before the child in the ledger.
Status check_cycle(const Claims& child, const ById& known) {
  RecordGraph graph;
  for (const auto& [id, parent] : known) {
    graph.add(id, parent->claims.pred, {.recorded = parent->recorded});
  }
  const RecordGraph::Node node = graph.add(child.jti, child.pred, {.recorded = false});
  const RecordGraph::Walk above =
      graph.ancestors({&node, 1}, {.most = kMaxAncestors, .past_recorded = false});
  if (std::binary_search(above.nodes.begin(), above.nodes.end(), node)) {
    return refuse("cycle: the token is its own ancestor");
  }
  return above.too_many ? refuse("too_many_ancestors: more than 10000 that are not recorded")
                        : Status{};
}

}  // namespace

Status check_parents(const Claims& child, const std::vector<Parent>& parents,
                     bool allow_other_workflow) {
  const ById known = by_id(parents);
  if (known.contains(child.jti)) {
    return refuse("duplicate_task: " + child.jti.text() + " is already there");
  }
  for (const Uuid& id : child.pred) {
    const auto at = known.find(id);
    if (at != known.end() && at->second->claims.iat > child.iat + kClockSkewSeconds) {
      return refuse("parent_newer: " + id.text() + " is more than 30 s younger than its child");
    }
  }
  if (const Status acyclic = check_cycle(child, known); !acyclic) {
    return acyclic;
  }
  for (const Uuid& id : child.pred) {
    const auto at = known.find(id);
    if (at == known.end() || allow_other_workflow) {
      continue;
    }
    const std::optional<Uuid>& wid = at->second->claims.wid;
    if (wid && child.wid && *wid != *child.wid) {
      return refuse("workflow_mismatch: " + id.text() + " belongs to another workflow");
    }
  }
  return {};
}

std::vector<Uuid> missing_parents(const Claims& child, const std::vector<Parent>& parents) {
  std::vector<Uuid> missing;
  for (const Uuid& id : child.pred) {
    const bool at_hand = std::any_of(parents.begin(), parents.end(),
                                     [&](const Parent& p) { return p.claims.jti == id; });
    if (!at_hand) {
      missing.push_back(id);
    }
  }
  return missing;
}

Status check_parent_decisions(const Claims& child, const std::vector<Parent>& parents) {
  const json::Value* repairs = child.ext.if_contains(names::kExtCompRequired);
  if (repairs != nullptr && repairs->is_bool() && repairs->get_bool()) {
    return {};
  }
  for (const Parent& parent : parents) {
    const bool named =
        std::find(child.pred.begin(), child.pred.end(), parent.claims.jti) != child.pred.end();
    const json::Value* decision = parent.claims.ext.if_contains(names::kExtPolDecision);
    const bool approved = decision == nullptr ||
                          (decision->is_string() && decision->get_string() == names::kPolApproved);
    if (named && !approved) {
      return refuse("parent_refused: " + parent.claims.jti.text() + " was not approved");
    }
  }
  return {};
}

}  // namespace pawl::ect
