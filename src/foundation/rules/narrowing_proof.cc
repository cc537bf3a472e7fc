#include "foundation/rules/narrowing_proof.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "foundation/rules/obligation.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxAlternatives = 512;  // of one condition
constexpr std::size_t kMaxFacts = 256;         // of one alternative
constexpr std::size_t kMaxPairs = 200'000;     // of alternatives compared; bounds the time

using Alternatives = std::vector<Given>;

bool is_conjunction(const Condition& condition, bool is_negated) {
  return (condition.kind == Condition::Kind::kAll) != is_negated;
}

// Every alternative of `all` together with every one of `more`.
std::optional<Alternatives> joined(const Alternatives& all, const Alternatives& more) {
  Alternatives out;
  for (const Given& one : all) {
    for (const Given& other : more) {
      if (out.size() == kMaxAlternatives || one.size() + other.size() > kMaxFacts) {
        return std::nullopt;
      }
      out.push_back(one);
      out.back().insert(out.back().end(), other.begin(), other.end());
    }
  }
  return out;
}

std::optional<Alternatives> alternatives_of(const Condition& condition, const AtomTable& atoms,
                                            const Reading& reading, bool is_negated) {
  if (condition.kind == Condition::Kind::kAtom) {
    return Alternatives{{{&atoms[condition.atom], is_negated ? reading.negated : reading.plain}}};
  }
  if (condition.kind == Condition::Kind::kNot) {
    return alternatives_of(condition.children.front(), atoms, reading, !is_negated);
  }
  const bool is_all = is_conjunction(condition, is_negated);
  Alternatives out = is_all ? Alternatives{{}} : Alternatives{};
  for (const Condition& child : condition.children) {
    std::optional<Alternatives> more = alternatives_of(child, atoms, reading, is_negated);
    if (more && is_all) {
      more = joined(out, *more);
    } else if (more) {
      more->insert(more->begin(), out.begin(), out.end());
    }
    if (!more || more->size() > kMaxAlternatives) {
      return std::nullopt;
    }
    out = *std::move(more);
  }
  return out;
}

bool implied(const Given& given, const Condition& condition, const AtomTable& atoms,
             const Reading& reading, bool is_negated) {
  if (condition.kind == Condition::Kind::kAtom) {
    const Truths needed = is_negated ? reading.negated : reading.plain;
    return std::any_of(given.begin(), given.end(), [&](const Fact& fact) {
      return surely(*fact.atom, fact.answers, atoms[condition.atom], needed);
    });
  }
  if (condition.kind == Condition::Kind::kNot) {
    return implied(given, condition.children.front(), atoms, reading, !is_negated);
  }
  const auto follows = [&](const Condition& child) {
    return implied(given, child, atoms, reading, is_negated);
  };
  const auto& children = condition.children;
  return is_conjunction(condition, is_negated)
             ? std::all_of(children.begin(), children.end(), follows)
             : std::any_of(children.begin(), children.end(), follows);
}

std::int64_t end_of(const ComparedRule& rule) {
  return rule.expires_at.value_or(std::numeric_limits<std::int64_t>::max());
}

bool permits(const ComparedRule& rule) {
  return rule.effect != Effect::kDeny;
}

bool bars(const ComparedRule& rule) {
  return rule.effect != Effect::kAllow && !rule.is_observed;
}

class Proof {
 public:
  Proof(const SomeRules& child, const SomeRules& parent) : child_(child), parent_(parent) {}

  bool holds() {
    if (!read_barriers()) {
      return false;
    }
    return std::all_of(child_.rules.begin(), child_.rules.end(),
                       [&](const ComparedRule& rule) { return !permits(rule) || is_within(rule); });
  }

 private:
  struct Barrier {
    const ComparedRule* rule;
    Alternatives alternatives;
    bool is_obligation;  // what has to be kept is what it obliges to, else its hold or denial
  };

  bool read_barriers() {
    for (const ComparedRule& rule : parent_.rules) {
      const bool obliges = rule.obliges != nullptr && !rule.is_observed;
      if (!bars(rule) && !obliges) {
        continue;
      }
      const auto found = alternatives(rule.when, parent_.atoms, kBars);
      if (!found) {
        return false;
      }
      if (bars(rule)) {
        barriers_.push_back({&rule, *found, false});
      }
      if (obliges) {
        barriers_.push_back({&rule, *found, true});
      }
    }
    return true;
  }

  bool is_within(const ComparedRule& rule) {
    const Reading& reading = rule.effect == Effect::kHold ? kMayPermit : kPermits;
    const auto found = alternatives(rule.when, child_.atoms, reading);
    return found && std::all_of(found->begin(), found->end(), [&](const Given& given) {
             return contradict(given) || (is_permitted(rule, given) && is_unbarred(rule, given));
           });
  }

  bool is_permitted(const ComparedRule& rule, const Given& given) {
    return std::any_of(parent_.rules.begin(), parent_.rules.end(), [&](const ComparedRule& wide) {
      return permits(wide) && !wide.is_observed && end_of(wide) >= end_of(rule) && count() &&
             imply(given, wide.when, parent_.atoms, kPermits);
    });
  }

  bool is_unbarred(const ComparedRule& rule, const Given& given) {
    return std::all_of(barriers_.begin(), barriers_.end(), [&](const Barrier& barrier) {
      return std::all_of(barrier.alternatives.begin(), barrier.alternatives.end(),
                         [&](const Given& barred) {
                           Given both = given;
                           both.insert(both.end(), barred.begin(), barred.end());
                           return count() && (contradict(both) || is_kept(rule, barrier, both));
                         });
    });
  }

  // What the parent bars, the child does as well.
  bool is_kept(const ComparedRule& permitting, const Barrier& barrier, const Given& both) {
    const std::int64_t until = std::min(end_of(permitting), end_of(*barrier.rule));
    return std::any_of(child_.rules.begin(), child_.rules.end(), [&](const ComparedRule& own) {
      return !own.is_observed && end_of(own) >= until && count() && keeps(own, barrier) &&
             imply(both, own.when, child_.atoms, kBars);
    });
  }

  bool keeps(const ComparedRule& own, const Barrier& barrier) const {
    return own.effect == Effect::kDeny ||
           (barrier.is_obligation ? no_laxer(own.obliges.get(), barrier.rule->obliges.get())
                                  : bars(own) && holds_as(own, *barrier.rule));
  }

  // The terms are those of the first hold that matches, so each one up to `own` must do.
  bool holds_as(const ComparedRule& own, const ComparedRule& barrier) const {
    if (barrier.effect != Effect::kHold || !barrier.terms) {
      return false;
    }
    for (const ComparedRule& rule : child_.rules) {
      if (rule.effect == Effect::kHold && !rule.is_observed &&
          !(rule.terms && no_weaker(*rule.terms, *barrier.terms))) {
        return false;
      }
      if (&rule == &own) {
        break;
      }
    }
    return true;
  }

  bool count() { return ++pairs_ <= kMaxPairs; }

  const SomeRules child_;
  const SomeRules parent_;
  std::vector<Barrier> barriers_;
  std::size_t pairs_ = 0;
};

}  // namespace

std::optional<std::vector<Given>> alternatives(const Condition& condition, const AtomTable& atoms,
                                               const Reading& reading) {
  return alternatives_of(condition, atoms, reading, false);
}

bool contradict(const Given& given) {
  for (const Fact& one : given) {
    for (const Fact& other : given) {
      if (&one != &other && surely(*one.atom, one.answers, *other.atom,
                                   static_cast<Truths>(kIsAnything & ~other.answers))) {
        return true;
      }
    }
  }
  return false;
}

bool imply(const Given& given, const Condition& condition, const AtomTable& atoms,
           const Reading& reading) {
  return implied(given, condition, atoms, reading, false);
}

Narrower prove_narrower(const SomeRules& child, const SomeRules& parent) {
  return Proof(child, parent).holds() ? Narrower::kYes : Narrower::kUnknown;
}

}  // namespace pawl::rules
