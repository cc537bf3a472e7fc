// What the rules in force say of a held call from what its approval says of it: for people, who
// decide while no caller is there.
//
// Purpose:    whether a call with the arguments that a person puts in the place of its own could go
//             on at all, before that is recorded; and what the call would be obliged to.
// Threading:  the I/O thread.
// Ownership:  what Parts refers to outlives it. What Obliging points to lives as long as its set.
// Errors:     check_changed(): kDenied, with the rule and its reason; what json::parse says.
// Not errors: what only the live call can tell. A rule may ask for groups of a token or for a
//             person who has a pseudonym here; a policy token may hold the call on terms of its
//             own; a stop, a decision point outside, the adapter and a rule that expires in between
//             are not asked. Where the ruling depends on one of these, nothing is said against it:
//             the call is decided anew when it goes on (call_hold.cc), and that is the control.
// Source:     docs/formats/approval.md, "Changed arguments"; docs/formats/console_api.md,
// `obliged`.
//
// Example:    if (Status good = foreseen.check_changed(*approval, params); !good) return good;
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/rules/narrowing.h"
#include "foundation/rules/possible_rulings.h"
#include "governance/policy/policy_control.h"
#include "governance/policy/rule_board.h"
#include "operators/approval/approval.h"
#include "operators/approval/enrollment.h"

namespace pawl {

// Who called, as far as it is known by the name in a binding.
struct ForeseenCaller {
  std::vector<std::string> groups;  // sorted, unique
  bool more_groups = false;         // a token may say others
  bool person_open = false;         // `on_behalf_of` of the binding is a pseudonym
};

class ForeseenRulings {
 public:
  struct Parts {
    const PolicyControl& policy;
    const RuleBoard& rules;
    const approval::EnrolledOperators& operators;  // the fold's
    // What the set in force was read from.
    std::function<const std::vector<rules::Source>&()> sources;
    std::function<ForeseenCaller(const approval::Binding&)> caller;
    std::function<WallTime()> now;
  };
  explicit ForeseenRulings(Parts parts) : parts_(std::move(parts)) {}

  Status check_changed(const approval::Approval& one, const std::string& params) const;

  struct Obliging {
    std::shared_ptr<const rules::RuleSet> set;
    std::vector<const rules::RuleInfo*> surely, perhaps;  // in file order; none in both
  };
  // Of which rules the call would have to meet the obligations, with these params.
  Obliging obliging(const approval::Binding& binding, const std::string& params) const;

 private:
  struct Asked;
  Result<Asked> asked(const approval::Binding& binding, const std::string& params) const;
  std::string why_not(const approval::Approval& one, const Asked& asked) const;
  std::string why_held(const approval::Approval& one, const Verdict& verdict,
                       const std::optional<rules::PossibleRulings>& possible) const;
  // Of a call of which a part is not known; nullopt: they cannot be told.
  std::optional<rules::PossibleRulings> possible(const Asked& asked) const;
  const rules::ComparableSet* comparable() const;

  const Parts parts_;
  mutable std::shared_ptr<const rules::RuleSet> compared_;    // of which comparable_ is
  mutable std::optional<rules::ComparableSet> comparable_{};  // nullopt: it does not load
};

}  // namespace pawl
