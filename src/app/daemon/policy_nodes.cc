// What the row `tokens` of the control table asks of the ledger's state and of the configuration:
// a part of Governance. Threading: the I/O thread.
#include <algorithm>

#include "app/daemon/governance.h"

namespace pawl {
namespace {

acp::NodeState node_state(PolicyNodes::State state) {
  switch (state) {
    case PolicyNodes::State::kDone:
      return acp::NodeState::kDone;
    case PolicyNodes::State::kFailed:
      return acp::NodeState::kFailed;
    case PolicyNodes::State::kOpen:
      break;
  }
  return acp::NodeState::kOpen;
}

}  // namespace

TokenControlOptions Governance::token_control() const {
  TokenControlOptions out;
  out.state = [this](std::string_view run, std::string_view node) {
    return node_state(decisions_.policy_nodes.state(run, node));
  };
  out.has_room = [this] { return decisions_.policy_nodes.has_room(); };
  out.must_have = [&needed = options_.config->policy_tokens](const Caller& caller) {
    return needed.is_required_of(caller.agent, caller.groups);
  };
  return out;
}

}  // namespace pawl
