#include <utility>

#include "base/json_text.h"
#include "foundation/acp/acp_wire.h"
#include "foundation/records/names.h"

namespace pawl::acp {
namespace {

std::string printed(const ResourceLimit& limit) {
  json::ObjectText out;
  out.text(names::kAcpResource, limit.resource);
  out.text(names::kAcpUnit, limit.unit);
  out.text(names::kAcpLimit, limit.limit);
  return out.take();
}

std::string printed(const Constraints& constraints) {
  json::ObjectText out;
  if (constraints.max_depth) {
    out.number(names::kAcpMaxDepth, *constraints.max_depth);
  }
  if (constraints.max_delegations) {
    out.number(names::kAcpMaxDelegations, *constraints.max_delegations);
  }
  if (constraints.not_after) {
    out.number(names::kAcpNotAfter, *constraints.not_after);
  }
  if (!constraints.allowed_acts.empty()) {
    out.list(names::kAcpAllowedActs, constraints.allowed_acts, json::append_quoted);
  }
  if (!constraints.allowed_agents.empty()) {
    out.list(names::kAcpAllowedAgents, constraints.allowed_agents, json::append_quoted);
  }
  if (!constraints.resource_limits.empty()) {
    out.list(names::kAcpResourceLimits, constraints.resource_limits,
             [](std::string& text, const ResourceLimit& one) { text += printed(one); });
  }
  if (constraints.rules) {
    out.raw(names::kAcpRules, json::print(json::Value(*constraints.rules)));
  }
  return out.take();
}

std::string printed(const Node& node) {
  json::ObjectText out;
  out.text(names::kAcpNodeId, node.id);
  out.text(names::kAcpAgent, node.agent);
  out.text(names::kAcpAct, node.act);
  if (node.constraints) {
    out.raw(names::kAcpConstraints, printed(*node.constraints));
  }
  return out.take();
}

std::string printed(const Edge& edge) {
  json::ObjectText out;
  out.text(names::kAcpFrom, edge.from);
  out.text(names::kAcpTo, edge.to);
  return out.take();
}

std::string printed(const Trigger& trigger) {
  json::ObjectText out;
  switch (trigger.type) {
    case TriggerType::kAction:
    case TriggerType::kNode:
      out.text(names::kAcpTriggerType,
               trigger.type == TriggerType::kNode ? names::kAcpOnNode : names::kAcpOnAction);
      out.text(names::kAcpTriggerValue, trigger.value);
      break;
    case TriggerType::kThreshold:
      out.text(names::kAcpTriggerType, names::kAcpOnThreshold);
      out.text(names::kAcpTriggerValue, trigger.value);
      out.text(names::kAcpAbove, trigger.above);
      break;
    case TriggerType::kDepth:
      out.text(names::kAcpTriggerType, names::kAcpOnDepth);
      out.number(names::kAcpTriggerValue, trigger.depth);
      break;
    case TriggerType::kError:
      out.text(names::kAcpTriggerType, names::kAcpOnError);
      break;
  }
  return out.take();
}

std::string_view action_name(GateAction action) {
  switch (action) {
    case GateAction::kPause:
      return names::kAcpPause;
    case GateAction::kEscalate:
      return names::kAcpEscalate;
    case GateAction::kAbort:
      break;
  }
  return names::kAcpAbort;
}

std::string printed(const Gate& gate) {
  json::ObjectText out;
  out.text(names::kAcpRuleId, gate.id);
  out.raw(names::kAcpTrigger, printed(gate.trigger));
  out.text(names::kAcpRole, gate.required_role);
  out.text(names::kAcpAction, action_name(gate.action));
  out.number(names::kAcpTimeout, gate.timeout_s);
  out.text(names::kAcpFallback, gate.fallback_escalates ? names::kAcpEscalate : names::kAcpAbort);
  if (!gate.escalate_to.empty()) {
    out.list(names::kAcpEscalateTo, gate.escalate_to, json::append_quoted);
  }
  return out.take();
}

template <class List>
void put(json::ObjectText& out, std::string_view name, const List& list) {
  out.list(name, list, [](std::string& text, const auto& one) { text += printed(one); });
}

}  // namespace

std::string print(const Claims& claims) {
  json::ObjectText out(4096);
  out.text(names::kClaimIss, claims.iss);
  out.text(names::kClaimSub, claims.sub);
  out.list(names::kClaimAud, claims.aud, json::append_quoted);
  out.number(names::kClaimIat, claims.iat);
  out.number(names::kClaimExp, claims.exp);
  out.id(names::kClaimJti, claims.jti);
  if (claims.wid) {
    out.id(names::kClaimWid, *claims.wid);
  }
  if (!claims.parent.empty()) {
    out.text(names::kAcpParent, claims.parent);
  }
  json::ObjectText dag(4096);
  put(dag, names::kAcpNodes, claims.nodes);
  put(dag, names::kAcpEdges, claims.edges);
  if (claims.constraints.size() == 1) {
    dag.raw(names::kAcpConstraints, printed(claims.constraints.front()));
  } else if (!claims.constraints.empty()) {
    put(dag, names::kAcpConstraints, claims.constraints);
  }
  out.raw(names::kAcpDag, dag.take());
  json::ObjectText hitl;
  put(hitl, names::kAcpRules, claims.gates);
  out.raw(names::kAcpHitl, hitl.take());
  return out.take();
}

}  // namespace pawl::acp
