// Rules of a set that decide nothing, and rules that contradict each other: `pawl rules check`.
//
// Purpose:    a rule that never matches, one that others always get ahead of, two that say contrary
//             things of the same request, a hold of nothing but notices.
// Threading:  pure functions.
// Errors:     none: what could not be found out is counted.
//
// Sound: whatever is named is so at every time and for every request (of a conflict: for the
// example, which was tried). Not complete: a rule may decide nothing and not be named; `undecided`
// lists those that were not looked at to the end, and whether a set's rules together cover a rule
// is found out only where each alternative of its condition is covered by one rule.
//
// Example:
//   const RuleFindings found = find_shadowed(*ComparableSet::load(sources));
//   for (const RuleFinding& one : found.found) { tell(describe(one, set.rules())); }
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "foundation/rules/narrowing.h"

namespace pawl::rules {

struct RuleFinding {
  enum class Kind {
    kUnreachable,  // its condition never matches
    kShadowed,     // whenever it matches, one of `by` decides, or is named, in its place
    kOnlyNotices,  // a hold that matches nothing but notices: whoever sends one is refused
    kConflict,     // a request fits it and `by`, they say contrary things, and neither is a
                   // special case of the other
  };
  Kind kind = Kind::kUnreachable;
  std::size_t rule = 0;  // positions in RuleSet::rules()
  std::vector<std::size_t>
      by;                  // at most kNamedCovers; of a conflict exactly one, later in the file
  json::Object example{};  // of a conflict: the names and arguments of a request
};
inline constexpr std::size_t kNamedCovers = 3;
// A conflict may be meant, everything else is not.
constexpr bool is_doubtful(const RuleFinding& finding) {
  return finding.kind != RuleFinding::Kind::kConflict;
}

struct RuleFindings {
  std::vector<RuleFinding> found;      // in file order
  std::vector<std::size_t> undecided;  // rules that were not looked at to the end
  std::size_t pairs_undecided = 0;     // of rules that say contrary things: do they meet?
};

RuleFindings find_shadowed(const ComparableSet& set);

// "rules.yaml:7:5: rule drop: is never reached: rule no-drops denies all of it".
std::string describe(const RuleFinding& finding, const RuleSet& set);

}  // namespace pawl::rules
