// What a set may say to a request of which a part is not known: for replay over records, which hold
// names and digests, and no arguments (`pawl rules replay`); and for a held call, whose arguments
// are kept and whose caller is not there (gateway/foreseen_rulings.h).
//
// Purpose:    which of allow, hold and deny are possible, whatever the unknown part was.
// Threading:  pure function.
// Ownership:  KnownFacts borrows its texts, and atoms of another set.
// Errors:     none.
//
// Sound: what the set really said, had it been in force, is among them. Predicates count as
// independent of each other, so that more may seem possible than is.
//
// Example:
//   const PossibleRulings said = possible_rulings(set.parts(), known);
//   if (said.only() == Effect::kDeny) { ... }   // whatever the arguments were
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/rules/narrowing_proof.h"

namespace pawl::rules {

struct KnownFacts {
  Facts facts;
  bool arguments_known = false;  // else facts.arguments are never looked at
  // Not known: any value, or none.
  bool agent_open = false, on_behalf_of_open = false, server_open = false, tool_open = false,
       resource_open = false;
  bool more_groups = false;          // the caller may have had others than facts.groups
  std::vector<const Atom*> held;     // predicates, of whatever set, that were true
  std::int64_t from = 0, until = 0;  // seconds, both included: it was decided in this time
};

struct PossibleRulings {
  bool allow = false, hold = false, deny = false;  // by a rule
  bool by_default = false;                         // no rule permits it: denied
  // The rule that decides, where that is sure: its position in RuleSet::rules().
  std::optional<std::size_t> rule;
  // Rules whose obligations count if it is not denied: surely, and perhaps (the sure ones, too).
  std::vector<std::size_t> obliging, may_oblige;

  bool is_possible(Effect effect) const {
    return effect == Effect::kAllow ? allow : effect == Effect::kHold ? hold : deny || by_default;
  }
  std::optional<Effect> only() const;  // nullopt: several are possible
};

// A hold that names no role denies: nobody may approve.
PossibleRulings possible_rulings(const ComparableSet::Parts& set, const KnownFacts& known);

}  // namespace pawl::rules
