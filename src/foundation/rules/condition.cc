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

bool decides(Mask mask, Effect effect) {
  return effect == Effect::kAllow ? mask == kMayBeTrue : mask != kMayBeFalse;
}

}  // namespace

// Answers already found in this decision, by atom: the number of the decision and a Truth below it.
// Older numbers are no answers.
struct Evaluation::Scratch {
  static constexpr unsigned kTruthBits = 2;
  static constexpr std::uint32_t kLastRound = 0xFFFFFFFF >> kTruthBits;

  std::uint32_t round = 0;
  std::vector<std::uint32_t> answers;
  std::vector<std::uint32_t> held;
};

Evaluation::Scratch& Evaluation::scratch() {
  thread_local Scratch memory;
  return memory;
}

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
    : atoms_(atoms), facts_(facts), open_(open), scratch_(scratch()) {
  if (scratch_.round == Scratch::kLastRound) {
    scratch_.answers.clear();
    scratch_.round = 0;
  }
  ++scratch_.round;
  scratch_.held.clear();
  if (scratch_.answers.size() < atoms.size()) {
    scratch_.answers.resize(atoms.size(), 0);
  }
}

Truth Evaluation::truth(std::uint32_t id) {
  const std::uint32_t answer = scratch_.answers[id];
  if (answer >> Scratch::kTruthBits == scratch_.round) {
    return static_cast<Truth>(answer & ((1U << Scratch::kTruthBits) - 1));
  }
  const Truth found = atoms_[id].on(facts_);
  scratch_.answers[id] = scratch_.round << Scratch::kTruthBits | static_cast<std::uint32_t>(found);
  if (found == Truth::kTrue) {
    scratch_.held.push_back(id);
  }
  return found;
}

// Without a look at `answers`, which is as large as the set: held() drops what is twice. Rules that
// are looked at one after the other often share what is known of them.
void Evaluation::hold(std::uint32_t id) {
  const std::vector<std::uint32_t>& held = scratch_.held;
  const auto latest =
      held.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(held.size(), 4));
  if (std::find(latest, held.end(), id) == held.end()) {
    scratch_.held.push_back(id);
  }
}

Mask Evaluation::of_atom(std::uint32_t id, Effect effect) {
  if (open_ != Open::kNothing) {
    const Atom& atom = atoms_[id];
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

std::uint64_t Evaluation::pairs(Field field) {
  constexpr std::uint64_t kAsked = std::uint64_t{1} << 63;
  std::uint64_t& known = pairs_[static_cast<std::size_t>(field)];
  if (known == 0) {
    const std::string_view text = fact(facts_, field);
    known = text.empty() || is_devious(text) ? ~std::uint64_t{0} : pairs_of(text) | kAsked;
  }
  return known;
}

Mask Evaluation::of_step(const Step& step, Effect effect) {
  if (step.kind == Step::Kind::kTree) {
    return of(*step.tree, effect);
  }
  const bool lacks_pair = step.kind == Step::Kind::kGlob && (step.pairs & ~pairs(step.field)) != 0;
  return lacks_pair ? kMayBeFalse : of_atom(step.atom, effect);
}

Mask Evaluation::of(std::span<const Step> steps, Effect effect) {
  Mask all = kMayBeTrue;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::kKnown) {
      hold(step.atom);
      continue;
    }
    all = conjunction(all, of_step(step, effect));
    if (all == kMayBeFalse) {
      break;
    }
  }
  return all;
}

bool Evaluation::matches(const Condition& condition, Effect effect) {
  return decides(of(condition, effect), effect);
}

bool Evaluation::matches(std::span<const Step> steps, Effect effect) {
  return decides(of(steps, effect), effect);
}

std::vector<std::uint32_t> Evaluation::held() const {
  std::vector<std::uint32_t> ids = scratch_.held;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace pawl::rules
