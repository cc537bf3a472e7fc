// The proof behind narrowing.h, over rules with their conditions; internal to foundation/rules.
//
// Purpose:    what a rule says as alternatives of predicates with their answers, and what follows.
// Threading:  pure functions.
// Ownership:  a Fact borrows the atom of its set.
//
// A rule that permits does so where its condition is true; one that bars does so where it is not
// false (condition.h). Both are sets of answers of predicates, so that a proof asks for no third
// value: each alternative of the one must imply the other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/rules/atom_relation.h"
#include "foundation/rules/condition.h"
#include "foundation/rules/narrowing.h"

namespace pawl::rules {

struct ComparedRule {
  Effect effect = Effect::kDeny;
  bool is_observed = false;
  std::optional<std::int64_t> expires_at{};
  Condition when{};
  std::optional<HoldTerms> terms{};  // of a hold
  std::shared_ptr<const Obligations> obliges{};
};

struct ComparableSet::Parts {
  AtomTable atoms;
  std::vector<ComparedRule> rules;  // in file order
};

// A predicate, and the answers that it may have.
struct Fact {
  const Atom* atom = nullptr;
  Truths answers = kIsAnything;
};
using Given = std::vector<Fact>;  // all of them hold

// How a condition is read: the answers of a predicate that count for it, and those under `not`.
struct Reading {
  Truths plain = 0;
  Truths negated = 0;
};
inline constexpr Reading kPermits{kIsTrue, kIsFalse};
inline constexpr Reading kMayPermit{kIsTrue, kIsFalse | kIsAbsent};  // of a hold, at most
inline constexpr Reading kBars{kIsTrue | kIsUndecidable, kIsFalse | kIsAbsent | kIsUndecidable};

// The alternatives; nullopt: more than a bound.
std::optional<std::vector<Given>> alternatives(const Condition& condition, const AtomTable& atoms,
                                               const Reading& reading);
// They cannot hold together.
bool contradict(const Given& facts);
// Whenever they hold, the condition does.
bool imply(const Given& facts, const Condition& condition, const AtomTable& atoms,
           const Reading& reading);

// Some rules of a set; borrowed.
struct SomeRules {
  const AtomTable& atoms;
  const std::vector<ComparedRule>& rules;
};
// kYes or kUnknown, from the rules alone.
Narrower prove_narrower(const SomeRules& child, const SomeRules& parent);

// A request that the child permits and the parent does not was found by trying.
bool finds_wider_request(const ComparableSet& child, const ComparableSet& parent);

}  // namespace pawl::rules
