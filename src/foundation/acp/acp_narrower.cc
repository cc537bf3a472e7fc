// What a link may not do: each step of the proof that a delegated token widens nothing.
#include <algorithm>
#include <limits>
#include <utility>

#include "foundation/acp/acp_chain.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/schema/decimal.h"

namespace pawl::acp {
namespace {

using jose::refuse;

const Node* node_of(const Claims& claims, std::string_view id) {
  const auto found = std::find_if(claims.nodes.begin(), claims.nodes.end(),
                                  [&](const Node& node) { return node.id == id; });
  return found == claims.nodes.end() ? nullptr : &*found;
}

std::vector<std::string> nodes_of_agent(const Claims& claims, std::string_view agent) {
  std::vector<std::string> out;
  for (const Node& node : claims.nodes) {
    if (node.agent == agent) {
      out.push_back(node.id);
    }
  }
  return out;
}

// Who delegates holds the parent; to whom is a node that the graph lets him reach.
Status check_people(const Link& child, const Link& parent) {
  const Claims& below = child.token.claims;
  const Claims& above = parent.token.claims;
  if (below.parent != parent.token.digest) {
    return refuse("wrong_parent: the token names another parent than the one before it");
  }
  if (below.iss != above.sub) {
    return refuse("wrong_delegator: " + below.iss + " does not hold the parent");
  }
  const auto reached = parent.graph.below(nodes_of_agent(above, above.sub));
  const std::vector<std::string> own = nodes_of_agent(below, below.sub);
  const auto is_reached = [&](const std::string& id) { return reached.contains(id); };
  if (below.sub != above.sub && std::none_of(own.begin(), own.end(), is_reached)) {
    return refuse("wrong_delegate: no way leads from a node of " + above.sub + " to one of " +
                  below.sub);
  }
  return {};
}

Status check_frame(const Claims& child, const Claims& parent) {
  if (child.exp > parent.exp) {
    return refuse("wider_expiry: exp is later than the parent's");
  }
  if (child.iat < parent.iat) {
    return refuse("wider_expiry: iat is earlier than the parent's");
  }
  const auto in_parent = [&](const std::string& one) {
    return std::find(parent.aud.begin(), parent.aud.end(), one) != parent.aud.end();
  };
  if (!std::all_of(child.aud.begin(), child.aud.end(), in_parent)) {
    return refuse("wider_audience: aud names somebody whom the parent does not");
  }
  if (parent.wid && child.wid != parent.wid) {
    return refuse("wider_workflow: wid is not the parent's");
  }
  return {};
}

Status check_graph(const Claims& child, const Claims& parent) {
  for (const Node& node : child.nodes) {
    const Node* above = node_of(parent, node.id);
    if (above == nullptr || above->agent != node.agent || above->act != node.act) {
      return refuse("wider_graph: the parent has no such node " + node.id);
    }
  }
  for (const Edge& edge : child.edges) {
    if (std::find(parent.edges.begin(), parent.edges.end(), edge) == parent.edges.end()) {
      return refuse("wider_graph: the parent has no edge " + edge.from + " -> " + edge.to);
    }
  }
  return {};
}

template <class Number>
std::optional<Number> least(const std::vector<Constraints>& all,
                            std::optional<Number> Constraints::*member) {
  std::optional<Number> out;
  for (const Constraints& one : all) {
    if (one.*member && (!out || *(one.*member) < *out)) {
      out = one.*member;
    }
  }
  return out;
}

bool is_no_more(const ResourceLimit& limit, const std::vector<Constraints>& by) {
  const auto most = schema::Decimal::from_text(limit.limit);
  return std::any_of(by.begin(), by.end(), [&](const Constraints& one) {
    return std::any_of(one.resource_limits.begin(), one.resource_limits.end(),
                       [&](const ResourceLimit& own) {
                         const auto value = schema::Decimal::from_text(own.limit);
                         return own.resource == limit.resource && own.unit == limit.unit && most &&
                                value && schema::compare(*value, *most) <= 0;
                       });
  });
}

// `own`: all constraint objects of the child that hold there.
Status check_numbers(const std::vector<Constraints>& own, const std::vector<Constraints>& above,
                     const std::string& where) {
  const auto in_time = least(own, &Constraints::not_after);
  const auto limit = least(above, &Constraints::not_after);
  if (limit && (!in_time || *in_time > *limit)) {
    return refuse("wider_constraint: not_after of " + where + " is later than the parent's");
  }
  for (const Constraints& one : above) {
    for (const ResourceLimit& resource : one.resource_limits) {
      if (!is_no_more(resource, own)) {
        return refuse("wider_constraint: the limit of " + resource.resource + " of " + where +
                      " is more than the parent's");
      }
    }
  }
  return {};
}

Status check_counts(const std::vector<Constraints>& own, const std::vector<Constraints>& above) {
  const auto depth = least(above, &Constraints::max_depth);
  const auto own_depth = least(own, &Constraints::max_depth);
  if (depth && (!own_depth || *own_depth > *depth)) {
    return refuse("wider_constraint: max_depth is more than the parent's");
  }
  const auto left = least(above, &Constraints::max_delegations);
  const auto own_left = least(own, &Constraints::max_delegations);
  if (left && (*left == 0 || !own_left || *own_left >= *left)) {
    return refuse("wider_delegations: each delegation leaves at least one less than the parent's");
  }
  return {};
}

using Sets = std::vector<ConstraintSet>;

Status check_sets(const std::vector<const Sets*>& own, const Sets& above,
                  const std::string& where) {
  for (const ConstraintSet& wide : above) {
    rules::Narrower best = rules::Narrower::kNo;
    for (const Sets* sets : own) {
      for (const ConstraintSet& set : *sets) {
        const rules::Narrower found = rules::is_narrower(set.set, wide.set);
        best = found == rules::Narrower::kYes || best == rules::Narrower::kNo ? found : best;
        if (best == rules::Narrower::kYes) {
          break;
        }
      }
      if (best == rules::Narrower::kYes) {
        break;
      }
    }
    if (best != rules::Narrower::kYes) {
      return refuse("wider_constraint: " + wide.name + " of " + where +
                    (best == rules::Narrower::kNo ? " permits more than the parent's"
                                                  : " is not shown to be narrower"));
    }
  }
  return {};
}

std::vector<Constraints> as_list(const std::optional<Constraints>& one) {
  return one ? std::vector<Constraints>{*one} : std::vector<Constraints>();
}

Status check_node(const Link& child, const Link& parent, const Node& node) {
  const Node* above = node_of(parent.token.claims, node.id);
  if (above == nullptr || !above->constraints) {
    return {};
  }
  const std::string where = "the node " + node.id;
  std::vector<Constraints> own = child.token.claims.constraints;
  if (node.constraints) {
    own.push_back(*node.constraints);
  }
  if (const Status good = check_numbers(own, as_list(above->constraints), where); !good) {
    return good;
  }
  std::vector<const Sets*> sets{&child.constraints};
  if (const auto found = child.of_node.find(node.id); found != child.of_node.end()) {
    sets.push_back(&found->second);
  }
  const auto wide = parent.of_node.find(node.id);
  return wide == parent.of_node.end() ? Status() : check_sets(sets, wide->second, where);
}

Status check_constraints(const Link& child, const Link& parent) {
  const std::vector<Constraints>& own = child.token.claims.constraints;
  const std::vector<Constraints>& above = parent.token.claims.constraints;
  Status good = check_counts(own, above);
  good = good ? check_numbers(own, above, "the graph") : good;
  good = good ? check_sets({&child.constraints}, parent.constraints, "the graph") : good;
  for (const Node& node : child.token.claims.nodes) {
    good = good ? check_node(child, parent, node) : good;
  }
  return good;
}

// A more severe action may not choose who decides: those that the parent's gate names.
bool is_as_strict(const Gate& own, const Gate& above) {
  if (own.trigger != above.trigger || own.required_role != above.required_role ||
      own.action < above.action) {
    return false;
  }
  std::vector<std::string> may_decide = above.escalate_to;
  if (above.action == GateAction::kPause && own.action != GateAction::kPause) {
    may_decide = {above.required_role};
  }
  const auto is_above = [&](const std::string& role) {
    return std::find(may_decide.begin(), may_decide.end(), role) != may_decide.end();
  };
  return own.timeout_s <= above.timeout_s &&
         (!own.fallback_escalates || above.fallback_escalates) &&
         (own.action == GateAction::kAbort ||
          std::all_of(own.escalate_to.begin(), own.escalate_to.end(), is_above));
}

Status check_gates(const Claims& child, const Claims& parent) {
  for (const Gate& gate : parent.gates) {
    const auto own = std::find_if(child.gates.begin(), child.gates.end(),
                                  [&](const Gate& one) { return one.id == gate.id; });
    if (own == child.gates.end()) {
      return refuse("wider_gate: the rule " + gate.id + " of hitl was left out");
    }
    if (!is_as_strict(*own, gate)) {
      return refuse("wider_gate: the rule " + gate.id + " of hitl is milder than the parent's");
    }
  }
  return {};
}

}  // namespace

Status check_narrower(const Link& child, const Link& parent) {
  const Claims& own = child.token.claims;
  const Claims& above = parent.token.claims;
  Status good = check_people(child, parent);
  good = good ? check_frame(own, above) : good;
  good = good ? check_graph(own, above) : good;
  good = good ? check_constraints(child, parent) : good;
  return good ? check_gates(own, above) : good;
}

}  // namespace pawl::acp
