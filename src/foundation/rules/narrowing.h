// Whether one set of rules permits nothing that another does not: the one narrowing check.
//
// Purpose:    a delegated policy token must be narrower than its parent (foundation/acp), and a
//             changed set can be compared with the one before.
// Threading:  pure functions; a ComparableSet is immutable.
// Ownership:  a ComparableSet shares its rules.
// Errors:     load: as RuleSet::load.
// Not errors: that it cannot be found out: kUnknown, which callers count as no.
//
// Sound: kYes only if, at every time, every request that the child allows or holds is allowed by
// the parent, or held by both with terms no weaker than the parent's. Observed rules are not in
// force, and count for nothing that they would deny.
//
// Example:
//   Result<ComparableSet> child = ComparableSet::load({{"child.yaml", text}});
//   if (is_narrower(*child, parent) != Narrower::kYes) { refuse }
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "foundation/records/hold_terms.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

// A set with the conditions of its rules, which a RuleSet does not show.
class ComparableSet {
 public:
  struct Parts;  // narrowing_proof.h

  static Result<ComparableSet> load(const std::vector<Source>& sources);
  ComparableSet(std::shared_ptr<const RuleSet> set, std::shared_ptr<const Parts> parts)
      : set_(std::move(set)), parts_(std::move(parts)) {}

  const RuleSet& rules() const { return *set_; }
  const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const RuleSet> set_;
  std::shared_ptr<const Parts> parts_;
};

enum class Narrower { kYes, kNo, kUnknown };

// kNo: a request was found that the child permits and the parent does not.
Narrower is_narrower(const ComparableSet& child, const ComparableSet& parent);

// Whoever may decide by `child` may by `parent`, no fewer people do, for no more calls, no later.
bool no_weaker(const HoldTerms& child, const HoldTerms& parent);

}  // namespace pawl::rules
