// A good token that came without a proof that holds, as an Action: there to be refused and
// recorded.
//
// Purpose:    it may be a stolen one; the record says whose it was and what was expected.
// Threading:  plain values.
// Rule:       the identity control refuses every Action of this verb, in every mode.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "path/action.h"

namespace pawl {

inline constexpr std::string_view kCredentialShown = "credential.shown";

// `rule`: what did not hold ("proof_replayed"); `reason`: for people.
inline Action credential_shown(std::string agent, std::string_view rule, std::string_view reason) {
  Action action;
  action.verb = kCredentialShown;
  action.caller.agent = std::move(agent);
  const json::Object what{{"rule", rule}, {"reason", reason}};
  action.params = json::print(what);
  action.arguments = std::make_shared<const json::Value>(what);
  return action;
}

}  // namespace pawl
