#include "governance/policy/token_control.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/records/kinds.h"
#include "governance/policy/policy_control.h"
#include "path/plugged.h"

namespace pawl {
namespace {

// What no node stands for: it shows what rules let the caller see, or goes on with a call that was
// judged.
constexpr std::array kLooks = {kinds::kToolList,          kinds::kPromptList, kinds::kResourceList,
                               kinds::kResourceTemplates, kinds::kTaskGet,    kinds::kTaskResult,
                               kinds::kTaskCancel,        kinds::kTaskList,   kinds::kTaskUpdate};

bool is_look(std::string_view verb) {
  return std::find(kLooks.begin(), kLooks.end(), verb) != kLooks.end();
}

bool is_asked_of_a_server(const Action& action) {
  return action.direction == Direction::kToServer && !kinds::is_notice(action.verb);
}

std::string_view code_of(std::string_view reason) {
  return reason.substr(0, reason.find(':'));
}

// "parents_open: ..." as the rule of a verdict.
std::string rule_of(std::string_view reason) {
  std::string out = "acp-" + std::string(code_of(reason));
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

bool is_enforced(std::string_view reason) {
  const std::string_view code = code_of(reason);
  if (code == "not_in_graph" || code == "wrong_act") {
    return plugged(ControlId::kAcpNode);
  }
  if (code.starts_with("gate")) {
    return plugged(ControlId::kAcpHitl);
  }
  if (code == "resource_limits") {
    return plugged(ControlId::kAcpLimits);
  }
  return code == "parents_open" || code == "no_room" || plugged(ControlId::kAcpConstraint);
}

std::shared_ptr<const PolicyUse> use_of(const acp::Chain& chain, std::string node) {
  const acp::Token& last = chain.links.back().token;
  return std::make_shared<const PolicyUse>(PolicyUse{.run = chain.run,
                                                     .token = last.claims.jti,
                                                     .digest = last.digest,
                                                     .node = std::move(node),
                                                     .until_s = chain.root().exp});
}

void refuse(Verdict& verdict, std::string_view reason, Code code = Code::kDenied) {
  if (!is_enforced(reason)) {
    return;
  }
  verdict.ruling = Ruling::kDeny;
  verdict.code = code;
  verdict.rule = rule_of(reason);
  verdict.reason = "the policy token does not let it: " + std::string(reason);
}

}  // namespace

Verdict TokenControl::decide(const Action& action, const Moment& moment) const {
  Verdict verdict;
  if (!is_asked_of_a_server(action)) {
    return verdict;
  }
  const bool look = is_look(action.verb);
  if (action.policy != nullptr) {
    const std::int64_t now = moment.now.seconds();
    return look ? judge_look(action, now) : judge_act(action, now);
  }
  if (!look && options_.must_have && options_.must_have(action.caller) &&
      plugged(ControlId::kAcpRequired)) {
    verdict.ruling = Ruling::kDeny;
    verdict.rule = "acp-required";
    verdict.reason = "this agent may act only under a policy token, and presented none";
  }
  return verdict;
}

Verdict TokenControl::judge_look(const Action& action, std::int64_t now) const {
  const acp::Chain& chain = *action.policy;
  Verdict verdict;
  verdict.policy = use_of(chain, "");
  const std::string self = spiffe_agent_id(options_.domain, action.caller.agent);
  const std::vector<acp::Node>& nodes = chain.leaf().nodes;
  if (std::any_of(chain.links.begin(), chain.links.end(),
                  [&](const acp::Link& link) { return now >= link.token.claims.exp; })) {
    refuse(verdict, "expired: exp has passed");
  } else if (std::none_of(nodes.begin(), nodes.end(),
                          [&](const acp::Node& node) { return node.agent == self; })) {
    refuse(verdict, "not_in_graph: " + self + " is the agent of no node");
  }
  return verdict;
}

acp::Standing TokenControl::standing(const Action& action, std::int64_t now) const {
  const acp::Chain& chain = *action.policy;
  const acp::DoneNodes done = [&](const Uuid&, std::string_view node) {
    return !plugged(ControlId::kAcpParentsDone) ? acp::NodeState::kDone
           : options_.state                     ? options_.state(chain.run, node)
                                                : acp::NodeState::kOpen;
  };
  acp::Standing out = acp::standing(chain, spiffe_agent_id(options_.domain, action.caller.agent),
                                    facts_of(action), done, now);
  if (!out.allowed) {
    return out;
  }
  // Nobody counts them here, and a limit that is passed over is none.
  if (const auto limits = acp::limits_of(chain, out.node); !limits.empty()) {
    return {.allowed = false,
            .node = out.node,
            .reason = "resource_limits: " + limits.front().resource + " is not counted here",
            .hold = {}};
  }
  const bool is_known =
      options_.state && options_.state(chain.run, out.node) != acp::NodeState::kOpen;
  if (!is_known && options_.has_room && !options_.has_room()) {
    return {.allowed = false,
            .node = out.node,
            .reason = "no_room: too many nodes of policy tokens are under way",
            .hold = {}};
  }
  return out;
}

Verdict TokenControl::judge_act(const Action& action, std::int64_t now) const {
  const acp::Standing found = standing(action, now);
  Verdict verdict;
  verdict.policy = use_of(*action.policy, found.node);
  if (!found.allowed) {
    const std::string_view code = code_of(found.reason);
    refuse(verdict, found.reason, code == "no_room" ? Code::kOverloaded : Code::kDenied);
    verdict.retry_helps = code == "parents_open" || code == "no_room";
  } else if (found.hold && is_enforced(found.reason)) {
    verdict.ruling = Ruling::kHold;
    verdict.hold = std::make_shared<const HoldTerms>(*found.hold);
    verdict.rule = rule_of(found.reason);
    verdict.reason = "held for approval by the policy token: " + found.reason;
  }
  return verdict;
}

}  // namespace pawl
