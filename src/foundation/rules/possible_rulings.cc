#include "foundation/rules/possible_rulings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pawl::rules {
namespace {

// Of a condition under one reading, see condition.h.
constexpr std::array<Mask, 3> kValues = {kMayBeFalse, kMayBeUnknown, kMayBeTrue};  // ascending

// Every value that the lower (higher) of two may be.
Mask combined(Mask one, Mask other, bool lower) {
  Mask out = 0;
  for (std::size_t a = 0; a < kValues.size(); ++a) {
    for (std::size_t b = 0; b < kValues.size(); ++b) {
      if ((one & kValues[a]) && (other & kValues[b])) {
        out |= kValues[lower ? std::min(a, b) : std::max(a, b)];
      }
    }
  }
  return out;
}

Mask inverted(Mask mask) {
  return static_cast<Mask>((mask & kMayBeUnknown) | (mask & kMayBeTrue ? kMayBeFalse : 0) |
                           (mask & kMayBeFalse ? kMayBeTrue : 0));
}

Truths as_set(Truth truth) {
  constexpr std::array<Truths, 4> kSets = {kIsFalse, kIsTrue, kIsAbsent, kIsUndecidable};
  return kSets.at(static_cast<std::size_t>(truth));
}

class Reader {
 public:
  Reader(const ComparableSet::Parts& set, const KnownFacts& known)
      : set_(set), known_(known), truths_(set.atoms.size()) {}

  Mask of(const Condition& condition, bool denies) {
    switch (condition.kind) {
      case Condition::Kind::kAtom:
        return of_atom(condition.atom, denies);
      case Condition::Kind::kNot:
        return inverted(of(condition.children.front(), denies));
      case Condition::Kind::kAll:
      case Condition::Kind::kAny:
        break;
    }
    const bool is_all = condition.kind == Condition::Kind::kAll;
    Mask out = is_all ? kMayBeTrue : kMayBeFalse;
    for (const Condition& child : condition.children) {
      out = combined(out, of(child, denies), is_all);
    }
    return out;
  }

 private:
  Mask of_atom(std::uint32_t id, bool denies) {
    if (truths_[id] == 0) {
      truths_[id] = answers(set_.atoms[id]);
    }
    const Truths truths = truths_[id];
    Mask out = 0;
    out |= truths & kIsTrue ? kMayBeTrue : 0;
    out |= truths & kIsFalse ? kMayBeFalse : 0;
    out |= truths & kIsUndecidable ? kMayBeUnknown : 0;
    out |= truths & kIsAbsent ? (denies ? kMayBeFalse : kMayBeUnknown) : 0;
    return out;
  }

  bool is_open(Field field) const {
    switch (field) {
      case Field::kAgent:
        return known_.agent_open;
      case Field::kOnBehalfOf:
        return known_.on_behalf_of_open;
      case Field::kServer:
        return known_.server_open;
      case Field::kTool:
        return known_.tool_open;
      case Field::kResource:
        return known_.resource_open;
      case Field::kArgument:
        return !known_.arguments_known;
      case Field::kVerb:
      case Field::kGroup:
        break;
    }
    return false;
  }

  Truths answers(const Atom& atom) const {
    if (is_open(atom.field)) {
      return narrowed(atom, kIsAnything);
    }
    const Truths known = as_set(atom.on(known_.facts));
    // One group that fits is enough, and doubt about one is doubt about all.
    return atom.field != Field::kGroup || !known_.more_groups ? known
           : known == kIsTrue && atom.op != Operator::kExists ? kIsTrue
                                                              : narrowed(atom, kIsAnything);
  }

  // By what is known to have been true. Never to nothing: then the record is of another set.
  Truths narrowed(const Atom& atom, Truths open) const {
    Truths out = open;
    for (const Atom* held : known_.held) {
      for (const Truths one : {kIsFalse, kIsTrue, kIsUndecidable, kIsAbsent}) {
        if ((out & one) && surely(*held, kIsTrue, atom, static_cast<Truths>(kIsAnything & ~one))) {
          out = static_cast<Truths>(out & ~one);
        }
      }
    }
    return out == 0 ? open : out;
  }

  const ComparableSet::Parts& set_;
  const KnownFacts& known_;
  std::vector<Truths> truths_;  // 0: not yet asked for
};

// Whether something matches: perhaps, and surely.
struct Match {
  bool may = false, must = false;
};

// What the rules of one effect say together.
class Rulings {
 public:
  Rulings(const ComparableSet::Parts& set, const KnownFacts& known)
      : set_(set), known_(known), reader_(set, known) {}

  PossibleRulings all() {
    for (std::size_t i = 0; i < set_.rules.size(); ++i) {
      const ComparedRule& rule = set_.rules[i];
      const Match in_force = time_of(rule);
      if (rule.is_observed || !in_force.may) {
        continue;
      }
      const Mask as_allow = rule.effect != Effect::kDeny ? reader_.of(rule.when, false) : 0;
      const bool restricts = rule.effect != Effect::kAllow || rule.obliges != nullptr;
      const Mask as_deny = restricts ? reader_.of(rule.when, true) : 0;
      const Match permits = both(in_force, {(as_allow & kMayBeTrue) != 0, as_allow == kMayBeTrue});
      const Match bars = both(in_force, {(as_deny & (kMayBeTrue | kMayBeUnknown)) != 0,
                                         as_deny != 0 && (as_deny & kMayBeFalse) == 0});
      if (rule.obliges != nullptr) {
        oblige(bars, i);
      }
      if (rule.effect == Effect::kDeny) {
        add(denied_, bars, i);
      } else if (rule.effect == Effect::kHold) {
        add_hold(rule, bars, i);
        permits_by_hold_.may |= permits.may;
        permits_by_hold_.must |= permits.must;
      } else {
        add(allowed_, permits, i);
      }
    }
    PossibleRulings out = combined();
    out.obliging = std::move(obliging_);
    out.may_oblige = std::move(may_oblige_);
    return out;
  }

 private:
  struct Group : Match {
    std::optional<std::size_t> first;  // that may match, and whether it must
    bool first_must = false;
  };

  static Match both(const Match& one, const Match& other) {
    return {one.may && other.may, one.must && other.must};
  }

  Match time_of(const ComparedRule& rule) const {
    return rule.expires_at ? Match{known_.from < *rule.expires_at, known_.until < *rule.expires_at}
                           : Match{true, true};
  }

  static void add(Group& group, const Match& match, std::size_t rule) {
    if (match.may && !group.first) {
      group.first = rule;
      group.first_must = match.must;
    }
    group.may |= match.may;
    group.must |= match.must;
  }

  void oblige(const Match& bars, std::size_t rule) {
    if (bars.may) {
      may_oblige_.push_back(rule);
    }
    if (bars.must) {
      obliging_.push_back(rule);
    }
  }

  // The terms are those of the first that matches.
  void add_hold(const ComparedRule& rule, const Match& bars, std::size_t position) {
    if (bars.may && !held_.must) {
      const bool asks_nobody = !rule.terms || rule.terms->roles.empty();
      (asks_nobody ? nobody_asked_ : somebody_asked_) = true;
    }
    add(held_, bars, position);
  }

  PossibleRulings combined() const {
    PossibleRulings out;
    const bool may_permit = allowed_.may || permits_by_hold_.may;
    const bool must_permit = allowed_.must || permits_by_hold_.must;
    out.deny = denied_.may;
    if (denied_.must) {
      out.rule = denied_.first_must ? denied_.first : std::nullopt;
      return out;
    }
    out.by_default = !must_permit;
    out.allow = allowed_.may && !held_.must;
    out.hold = may_permit && held_.may && somebody_asked_;
    out.deny |= may_permit && held_.may && nobody_asked_;
    if (!denied_.may && must_permit && held_.must && held_.first_must) {
      out.rule = held_.first;
    } else if (!denied_.may && !held_.may && allowed_.must && allowed_.first_must) {
      out.rule = allowed_.first;
    }
    return out;
  }

  const ComparableSet::Parts& set_;
  const KnownFacts& known_;
  Reader reader_;
  Group denied_, held_, allowed_;
  Match permits_by_hold_;
  std::vector<std::size_t> obliging_, may_oblige_;
  bool nobody_asked_ = false, somebody_asked_ = false;
};

}  // namespace

std::optional<Effect> PossibleRulings::only() const {
  if (allow + hold + (deny || by_default) != 1) {
    return std::nullopt;
  }
  return allow ? Effect::kAllow : hold ? Effect::kHold : Effect::kDeny;
}

PossibleRulings possible_rulings(const ComparableSet::Parts& set, const KnownFacts& known) {
  return Rulings(set, known).all();
}

}  // namespace pawl::rules
