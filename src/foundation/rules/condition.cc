#include "foundation/rules/condition.h"

#include <algorithm>
#include <array>

namespace pawl::rules {
namespace {

constexpr Mask conjunction(Mask a, Mask b) {
  Mask out = 0;
  if ((a & kMayBeFalse) || (b & kMayBeFalse)) {
    out |= kMayBeFalse;
  }
  if ((a & kMayBeTrue) && (b & kMayBeTrue)) {
    out |= kMayBeTrue;
  }
  if (((a & kMayBeUnknown) && (b & (kMayBeTrue | kMayBeUnknown))) ||
      ((b & kMayBeUnknown) && (a & (kMayBeTrue | kMayBeUnknown)))) {
    out |= kMayBeUnknown;
  }
  return out;
}

constexpr Mask negate(Mask mask) {
  return static_cast<Mask>((mask & kMayBeUnknown) | ((mask & kMayBeFalse) ? kMayBeTrue : 0) |
                           ((mask & kMayBeTrue) ? kMayBeFalse : 0));
}

// Answers already found in this decision, by atom; `round` tells this decision's from older ones.
struct Scratch {
  std::uint64_t round = 0;
  std::vector<std::uint64_t> rounds;
  std::vector<Truth> answers;
  std::vector<std::uint32_t> held;
};

Scratch& scratch() {
  thread_local Scratch memory;
  return memory;
}

}  // namespace

std::uint32_t AtomTable::add(Atom atom) {
  const auto [at, is_new] = ids_.emplace(atom.text(), static_cast<std::uint32_t>(atoms_.size()));
  if (is_new) {
    atoms_.push_back(std::move(atom));
  }
  return at->second;
}

std::string condition_text(const Condition& condition, const AtomTable& atoms) {
  if (condition.kind == Condition::Kind::kAtom) {
    return atoms[condition.atom].text();
  }
  std::string out = condition.kind == Condition::Kind::kAll   ? "all("
                    : condition.kind == Condition::Kind::kAny ? "any("
                                                              : "not(";
  for (std::size_t i = 0; i < condition.children.size(); ++i) {
    out += (i == 0 ? "" : ", ") + condition_text(condition.children[i], atoms);
  }
  return out + ")";
}

Evaluation::Evaluation(const AtomTable& atoms, const Facts& facts, Open open)
    : atoms_(atoms), facts_(facts), open_(open) {
  Scratch& s = scratch();
  ++s.round;
  s.held.clear();
  if (s.rounds.size() < atoms.size()) {
    s.rounds.resize(atoms.size(), 0);
    s.answers.resize(atoms.size());
  }
}

Truth Evaluation::truth(std::uint32_t id) {
  Scratch& s = scratch();
  if (s.rounds[id] != s.round) {
    s.rounds[id] = s.round;
    s.answers[id] = atoms_[id].on(facts_);
    if (s.answers[id] == Truth::kTrue) {
      s.held.push_back(id);
    }
  }
  return s.answers[id];
}

Mask Evaluation::of_atom(std::uint32_t id, Effect effect) {
  const Atom& atom = atoms_[id];
  if (open_ != Open::kNothing) {
    const bool named = atom.field == Field::kTool || atom.field == Field::kResource;
    if (atom.field == Field::kArgument) {
      return kMayBeAny;
    }
    if (named && open_ == Open::kNamesAndArguments) {
      return kMayBeAny;
    }
  }
  switch (truth(id)) {
    case Truth::kTrue:
      return kMayBeTrue;
    case Truth::kFalse:
      return kMayBeFalse;
    case Truth::kAbsent:
      return effect == Effect::kAllow ? kMayBeUnknown : kMayBeFalse;
    case Truth::kUndecidable:
      return kMayBeUnknown;
  }
  return kMayBeUnknown;
}

Mask Evaluation::of(const Condition& condition, Effect effect) {
  switch (condition.kind) {
    case Condition::Kind::kAtom:
      return of_atom(condition.atom, effect);
    case Condition::Kind::kNot:
      return negate(of(condition.children.front(), effect));
    case Condition::Kind::kAll: {
      Mask all = kMayBeTrue;
      for (const Condition& child : condition.children) {
        all = conjunction(all, of(child, effect));
        if (all == kMayBeFalse) {
          break;
        }
      }
      return all;
    }
    case Condition::Kind::kAny: {
      Mask none = kMayBeTrue;  // all children are false
      for (const Condition& child : condition.children) {
        none = conjunction(none, negate(of(child, effect)));
        if (none == kMayBeFalse) {
          break;
        }
      }
      return negate(none);
    }
  }
  return kMayBeUnknown;
}

bool Evaluation::matches(const Condition& condition, Effect effect) {
  const Mask mask = of(condition, effect);
  return effect == Effect::kAllow ? mask == kMayBeTrue : mask != kMayBeFalse;
}

std::vector<std::uint32_t> Evaluation::held() const {
  std::vector<std::uint32_t> ids = scratch().held;
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace pawl::rules
