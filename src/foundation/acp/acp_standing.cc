#include "foundation/acp/acp_standing.h"

#include <algorithm>
#include <utility>

namespace pawl::acp {
namespace {

Standing refused(std::string node, std::string reason) {
  return {.allowed = false, .node = std::move(node), .reason = std::move(reason), .hold = {}};
}

std::vector<std::string> common(const std::vector<std::string>& a,
                                const std::vector<std::string>& b) {
  std::vector<std::string> out;
  std::copy_if(a.begin(), a.end(), std::back_inserter(out), [&](const std::string& one) {
    return std::find(b.begin(), b.end(), one) != b.end();
  });
  return out;
}

HoldTerms terms_of(const Gate& gate) {
  HoldTerms out;
  out.within_s = gate.timeout_s;
  if (gate.action == GateAction::kEscalate) {
    out.roles = gate.escalate_to;
  } else {
    out.roles = {gate.required_role};
    out.escalate_to = gate.fallback_escalates ? gate.escalate_to : std::vector<std::string>();
  }
  return out;
}

// One request before one node.
class Judge {
 public:
  Judge(const Chain& chain, const Node& node, const rules::Facts& facts, const DoneNodes& done,
        std::int64_t now)
      : chain_(chain), node_(node), facts_(facts), done_(done), now_(now) {}

  Standing answer() const {
    for (const std::string& parent : chain_.links.front().graph.parents(node_.id)) {
      if (state(parent) != NodeState::kDone) {
        return refused(node_.id, "parents_open: the node " + node_.id + " waits for " + parent);
      }
    }
    for (const Link& link : chain_.links) {
      if (std::string reason = refusal_by(link); !reason.empty()) {
        return refused(node_.id, std::move(reason));
      }
    }
    return by_gates();
  }

 private:
  NodeState state(const std::string& node) const { return done_(chain_.root().jti, node); }

  std::string refusal_by(const Link& link) const {
    const auto is_over = [&](const Constraints& one) {
      return one.not_after && now_ >= *one.not_after;
    };
    const Claims& claims = link.token.claims;
    if (std::any_of(claims.constraints.begin(), claims.constraints.end(), is_over)) {
      return "not_after: the graph's time is over";
    }
    const auto node = std::find_if(claims.nodes.begin(), claims.nodes.end(),
                                   [&](const Node& one) { return one.id == node_.id; });
    if (node == claims.nodes.end()) {
      return "not_in_graph: a token of the chain has no node " + node_.id;
    }
    if (node->constraints && is_over(*node->constraints)) {
      return "not_after: the time of the node " + node_.id + " is over";
    }
    std::string reason = refusal_by(link.constraints, "the graph");
    if (const auto own = link.of_node.find(node_.id); reason.empty() && own != link.of_node.end()) {
      reason = refusal_by(own->second, "the node " + node_.id);
    }
    return reason;
  }

  std::string refusal_by(const std::vector<ConstraintSet>& sets, const std::string& where) const {
    for (const ConstraintSet& one : sets) {
      const rules::Decision decision = one.set.rules().decide(facts_, now_);
      if (decision.effect != rules::Effect::kAllow) {
        const std::string rule =
            one.name == "rules" && decision.rule != nullptr ? " (" + decision.rule->id + ")" : "";
        return one.name + ": " + where + " does not allow it" + rule;
      }
    }
    return "";
  }

  bool fires(const CompiledGate& compiled) const {
    const Trigger& trigger = compiled.gate.trigger;
    switch (trigger.type) {
      case TriggerType::kAction:
      case TriggerType::kThreshold:
        return !compiled.condition ||
               compiled.condition->rules().decide(facts_, now_).rule != nullptr;
      case TriggerType::kNode:
        return trigger.value == node_.id;
      case TriggerType::kDepth:
        return chain_.links.front().graph.depth(node_.id) >= trigger.depth;
      case TriggerType::kError:
        break;
    }
    const std::vector<Node>& all = chain_.root().nodes;
    return std::any_of(all.begin(), all.end(),
                       [&](const Node& one) { return state(one.id) == NodeState::kFailed; });
  }

  // Of one token: its most severe gates that fire. What one of the chain asks for, another cannot
  // replace, however severe: the terms are those that satisfy all.
  Standing by_gates() const {
    Standing out{.allowed = true, .node = node_.id, .reason = {}, .hold = {}};
    for (const Link& link : chain_.links) {
      GateAction worst = GateAction::kPause;
      std::vector<const Gate*> fired;
      for (const CompiledGate& gate : link.gates) {
        if (fires(gate)) {
          fired.push_back(&gate.gate);
          worst = std::max(worst, gate.gate.action);
        }
      }
      std::erase_if(fired, [&](const Gate* gate) { return gate->action != worst; });
      if (!fired.empty() && worst == GateAction::kAbort) {
        return refused(node_.id,
                       "gate_abort: the rule " + fired.front()->id + " of hitl says abort");
      }
      for (const Gate* gate : fired) {
        hold(out, *gate);
      }
    }
    if (out.hold && out.hold->roles.empty()) {
      return refused(node_.id, "gates_disagree: no role is enough for all rules of hitl that fire");
    }
    return out;
  }

  static void hold(Standing& out, const Gate& gate) {
    const HoldTerms terms = terms_of(gate);
    if (!out.hold) {
      out.reason = std::string(gate.action == GateAction::kPause ? "gate_pause" : "gate_escalate") +
                   ": the rule " + gate.id + " of hitl";
      out.hold = terms;
      return;
    }
    out.hold->roles = common(out.hold->roles, terms.roles);
    out.hold->within_s = std::min(out.hold->within_s, terms.within_s);
    out.hold->escalate_to = common(out.hold->escalate_to, terms.escalate_to);
  }

  const Chain& chain_;
  const Node& node_;
  const rules::Facts& facts_;
  const DoneNodes& done_;
  const std::int64_t now_;
};

}  // namespace

Standing standing(const Chain& chain, std::string_view agent, const rules::Facts& facts,
                  const DoneNodes& done, std::int64_t now) {
  for (const Link& link : chain.links) {
    if (now >= link.token.claims.exp) {
      return refused("", "expired: exp has passed");
    }
  }
  rules::Facts seen = facts;
  seen.agent = agent;
  std::optional<Standing> best;
  bool has_node = false;
  for (const Node& node : chain.leaf().nodes) {
    if (agent.empty() || node.agent != agent) {
      continue;
    }
    has_node = true;
    const auto act = chain.links.back().acts.find(node.act);
    if (act == chain.links.back().acts.end() ||
        act->second.rules().decide(seen, now).effect != rules::Effect::kAllow) {
      continue;
    }
    Standing found = Judge(chain, node, seen, done, now).answer();
    if (found.allowed && !found.hold) {
      return found;
    }
    if (!best || (found.allowed && !best->allowed)) {
      best = std::move(found);
    }
  }
  if (best) {
    return *std::move(best);
  }
  return refused("", has_node ? "wrong_act: no node of " + std::string(agent) + " has this act"
                              : "not_in_graph: " + std::string(agent) + " is the agent of no node");
}

std::vector<ResourceLimit> limits_of(const Chain& chain, std::string_view node) {
  std::vector<ResourceLimit> out;
  const auto add = [&](const Constraints& one) {
    out.insert(out.end(), one.resource_limits.begin(), one.resource_limits.end());
  };
  for (const Link& link : chain.links) {
    const Claims& claims = link.token.claims;
    std::for_each(claims.constraints.begin(), claims.constraints.end(), add);
    for (const Node& one : claims.nodes) {
      if (one.id == node && one.constraints) {
        add(*one.constraints);
      }
    }
  }
  return out;
}

}  // namespace pawl::acp
