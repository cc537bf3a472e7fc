#include "foundation/rules/plans.h"

namespace pawl::rules {
namespace {

// One glob with wildcards at both ends, which no key of the index can find. A caller has one name a
// field; groups are several.
bool is_open_glob(const Atom& atom) {
  return atom.op == Operator::kOneOf && atom.texts.empty() && atom.globs.size() == 1 &&
         atom.globs.front().prefix().empty() && atom.globs.front().suffix().empty() &&
         atom.field != Field::kArgument && atom.field != Field::kGroup;
}

Step atom_step(std::uint32_t id, const Atom& atom, bool known) {
  if (known) {
    return {.kind = Step::Kind::kKnown, .atom = id, .pairs = 0};
  }
  if (is_open_glob(atom)) {
    return {.kind = Step::Kind::kGlob,
            .field = atom.field,
            .atom = id,
            .pairs = atom.globs.front().pairs()};
  }
  return {.kind = Step::Kind::kAtom, .atom = id, .pairs = 0};
}

}  // namespace

Plans::Plans(const std::vector<std::uint32_t>& order, const std::vector<RuleInfo>& infos,
             const std::vector<Condition>& conditions, const AtomTable& atoms, const Index& index) {
  for (RuleIndex i = 0; i < order.size(); ++i) {
    const RuleInfo& info = infos[order[i]];
    Plan plan{info.expires_at,
              order[i],
              static_cast<std::uint32_t>(steps_.size()),
              0,
              info.effect,
              info.mode,
              info.obliges != nullptr && info.mode == Mode::kEnforce};
    flatten(conditions[order[i]], i, atoms, index);
    plan.count = static_cast<std::uint32_t>(steps_.size()) - plan.first;
    plans_.push_back(plan);
  }
}

void Plans::flatten(const Condition& condition, RuleIndex rule, const AtomTable& atoms,
                    const Index& index) {
  switch (condition.kind) {
    case Condition::Kind::kAtom:
      steps_.push_back(atom_step(condition.atom, atoms[condition.atom],
                                 index.holds_for_candidates(atoms[condition.atom], rule)));
      return;
    case Condition::Kind::kAll:
      for (const Condition& child : condition.children) {
        flatten(child, rule, atoms, index);
      }
      return;
    case Condition::Kind::kAny:
    case Condition::Kind::kNot:
      steps_.push_back({.kind = Step::Kind::kTree, .tree = &condition});
      return;
  }
}

}  // namespace pawl::rules
