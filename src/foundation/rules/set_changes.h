// What a changed set of rules changes: added, removed and changed rules by their ids, and whether
// each of these, and all of it, permits more or less.
//
// Purpose:    `pawl rules diff`, for who has to agree to a change.
// Threading:  pure functions.
// Errors:     none: what cannot be found out is kUnknown.
// Not errors: sets of other names: their headers differ, too.
//
// Sound: kNarrows and kSame of the whole are proofs (narrowing.h), kWidens is a request that was
// found or a proof. Of one rule the word is about this rule by itself, alone and beside a rule that
// allows everything.
//
// Example:
//   const SetChanges changes = set_changes(*before, *after);
//   if (changes.drift == Drift::kNarrows) { ... }   // nothing is permitted that was not
#pragma once

#include <string>
#include <vector>

#include "foundation/rules/narrowing.h"

namespace pawl::rules {

enum class Drift { kSame, kNarrows, kWidens, kUnknown };

struct MemberChange {
  std::string member;  // "when", "then", "mode", "reason", "owner", "expires"; of a header its own
  std::string was, now;  // as text; empty: it was not there
};

struct RuleChange {
  enum class Kind { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  std::string id;
  Location at;  // of the rule as it is, or was
  std::vector<MemberChange> members;
  Drift drift = Drift::kUnknown;
};

struct SetChanges {
  std::vector<MemberChange> header;
  std::vector<RuleChange> rules;  // in the order of the new set, then what is gone
  bool order = false;             // rules that stayed stand in another order
  Drift drift = Drift::kSame;     // of the whole
};

SetChanges set_changes(const ComparableSet& before, const ComparableSet& after);

}  // namespace pawl::rules
