// Policy tokens on the path: a row of the control table that takes away, holds, or has nothing
// against it. It never allows.
//
// Purpose:    asks acp::standing() about what an agent asks a server to do, with the whole chain
//             that it presented for this call, and puts the answer as a verdict.
// Threading:  the I/O thread.
// Ownership:  options hold functions whose objects outlive the control.
// Not errors: no token, where none is demanded. Requests of servers and notices: not looked at.
// Rule:       a list (tools, prompts, resources) and a look at a task are nobody's act: the token
//             must be good and the agent one of its graph, and no node is named.
// Source:     docs/formats/acp.md, "Enforcement".
#pragma once

#include <functional>
#include <string>

#include "foundation/acp/acp_standing.h"
#include "path/control.h"

namespace pawl {

struct TokenControlOptions {
  std::string domain;  // an agent's identity is spiffe://DOMAIN/agent/ID
  // What the ledger says of a node, on the head state. Empty: nothing is done.
  std::function<acp::NodeState(std::string_view run, std::string_view node)> state{};
  // False: the ledger's state takes no further node, so that nothing could be said of it later.
  std::function<bool()> has_room{};
  // Who may do nothing without a policy token. Empty: nobody is.
  std::function<bool(const Caller& caller)> must_have{};
};

class TokenControl final : public Control {
 public:
  explicit TokenControl(TokenControlOptions options) : options_(std::move(options)) {}
  std::string_view name() const override { return "tokens"; }
  Verdict decide(const Action& action, const Moment& moment) const override;

 private:
  Verdict judge_act(const Action& action, std::int64_t now) const;
  Verdict judge_look(const Action& action, std::int64_t now) const;
  acp::Standing standing(const Action& action, std::int64_t now) const;

  const TokenControlOptions options_;
};

}  // namespace pawl
