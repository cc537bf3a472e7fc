#include "foundation/rules/plans.h"

namespace pawl::rules {

Plans::Plans(const std::vector<std::uint32_t>& order, const std::vector<RuleInfo>& infos,
             const std::vector<Condition>& conditions, const AtomTable& atoms, const Index& index) {
  for (RuleIndex i = 0; i < order.size(); ++i) {
    const RuleInfo& info = infos[order[i]];
    Plan plan{info.expires_at, order[i], static_cast<std::uint32_t>(steps_.size()), 0,
              info.effect,     info.mode};
    flatten(conditions[order[i]], i, atoms, index);
    plan.count = static_cast<std::uint32_t>(steps_.size()) - plan.first;
    plans_.push_back(plan);
  }
}

void Plans::flatten(const Condition& condition, RuleIndex rule, const AtomTable& atoms,
                    const Index& index) {
  switch (condition.kind) {
    case Condition::Kind::kAtom:
      steps_.push_back({index.holds_for_candidates(atoms[condition.atom], rule) ? Step::Kind::kKnown
                                                                                : Step::Kind::kAtom,
                        condition.atom, nullptr});
      return;
    case Condition::Kind::kAll:
      for (const Condition& child : condition.children) {
        flatten(child, rule, atoms, index);
      }
      return;
    case Condition::Kind::kAny:
    case Condition::Kind::kNot:
      steps_.push_back({Step::Kind::kTree, 0, &condition});
      return;
  }
}

}  // namespace pawl::rules
