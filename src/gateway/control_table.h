// The controls of the path, in their order. This file and control_table.cc are the one place.
//
// Purpose:    decide() asks every control in order and folds the answers: the first denial wins and
//             ends it; a hold is not undone by what allows, before or after it, and never ends the
//             questions; of several holds the first is named, with the strictest terms; what
//             nothing allowed or held is denied.
// Threading:  immutable after construction; decide() on the I/O thread, no I/O.
// Rule:       every row has its name in path/plugged.h, so that `./test unplug` can take it out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "governance/policy/policy_control.h"
#include "governance/policy/token_control.h"
#include "operators/override/stop_board.h"
#include "path/control.h"

namespace pawl {

struct ControlAnswer {
  std::string_view control;
  Ruling ruling = Ruling::kPass;
  std::string rule;
  std::string where;
};

struct TableDecision {
  Ruling ruling = Ruling::kDeny;       // never kPass
  std::string_view control;            // whose ruling it is; "rules" when nothing allowed
  Verdict verdict;                     // the denial, the hold or the permission
  std::vector<ControlAnswer> answers;  // every control's answer, in order
};

using ControlRows = std::vector<std::unique_ptr<Control>>;
// The terms that meet both: the stricter, where one of them is in every member at least as strict
// (roles and escalate_to a part of the other's, no fewer people, no later, for no more calls).
// nullptr: neither is, so that one approval cannot meet both.
std::shared_ptr<const HoldTerms> joined_terms(const std::shared_ptr<const HoldTerms>& one,
                                              const std::shared_ptr<const HoldTerms>& other);
// The fold, for any rows. Holds on terms that cannot be joined are a denial.
TableDecision ask_in_order(const ControlRows& rows, const Action& action, const Moment& moment);

struct ControlTableOptions {
  const StopBoard* stops = nullptr;
  const RuleBoard* rules = nullptr;
  std::string domain;
  bool allow_unverified = false;  // serve --dev
  Observed observed;
  TokenControlOptions tokens{};  // its domain is taken from above
};

class ControlTable {
 public:
  explicit ControlTable(const ControlTableOptions& options);

  TableDecision decide(const Action& action, const Moment& moment) const;
  // Only the rows that hold for what already happened: may this answer still be released.
  const Verdict* release_denied(const Action& action, const Moment& moment, Verdict& space) const;
  const PolicyControl& policy() const { return policy_; }
  std::vector<std::string_view> names() const;

 private:
  PolicyControl policy_;
  ControlRows rows_;  // in the order of the question
};

}  // namespace pawl
