// Which set of rules takes force, at a start and at a reload.
//
// Purpose:    the files of pawl.yaml are a proposal; whoever may write them does not decide. Where
//             sets have to be signed (`rule_signatures`), the files count with a good signature of
//             an operator with the role `admin`, and the signed set before stays without one.
// Threading:  the I/O thread.
// Ownership:  all parts outlive it.
// Errors:     what is wrong with the files; why they do not take force. Each names what to do.
// Not errors: at a start, files that may not take force while the signed set of before can be
//             read: it is Activated with `held_back`.
// Core:       governance/policy/set_activation.h, set_wire.h.
//
// Example:
//   Result<Activated> now = activation.at_start(decisions.policy);
//   if (!now) { refuse to start }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/kept_rules.h"
#include "foundation/keys/accounts.h"
#include "governance/policy/set_activation.h"

namespace pawl {

// A set, as it is in force from now on.
struct Activated {
  std::shared_ptr<const rules::RuleSet> set;
  SetInForce state;  // what the ledger says when it is recorded
  std::optional<VerifiedSet> statement;
  std::string held_back;                 // why the files' set did not take force; empty: it did
  std::vector<rules::Source> sources{};  // what the set was read from
};

class RuleActivation {
 public:
  struct Parts {
    Files& files;
    const Config& config;
    std::function<std::vector<Operator>()> operators;  // who are enrolled now
    DataFolder folder;
    std::string instance;                                  // spiffe://DOMAIN/pawl/NODE
    std::function<std::int64_t()> now;                     // seconds
    std::function<Status(const std::string& kid)> counts;  // an operator's key that was revoked
  };
  explicit RuleActivation(Parts parts) : parts_(std::move(parts)) {}

  Result<Activated> at_start(const SetInForce& before) const;
  // The set in force stays when it fails.
  Result<Activated> at_reload(const SetInForce& before) const;

 private:
  Result<Activated> judged(const SetInForce& before, KeptRules proposed) const;
  Result<Activated> of_files(const SetInForce& before) const;
  Result<VerifiedSet> verified(const std::string& token) const;
  Error with_advice(const Error& why, const rules::RuleSet& set) const;

  Parts parts_;
};

}  // namespace pawl
