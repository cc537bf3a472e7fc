// What a decision reads of each rule, packed: a few cache lines a rule instead of a tree of heap
// objects.
//
// Purpose:    the rules in decision order, each with its condition as a row of steps that must all
//             hold. What is no conjunction stays a tree, as one step.
// Threading:  immutable once built.
// Ownership:  borrows the conditions.
//
// Steps keep the order of the condition: the same atoms are looked at as in the tree.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "foundation/rules/condition.h"
#include "foundation/rules/index.h"

namespace pawl::rules {

struct Plan {
  std::optional<std::int64_t> expires_at;
  std::uint32_t rule = 0;  // position in file order
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  Effect effect = Effect::kDeny;
  Mode mode = Mode::kEnforce;
  bool obliges = false;  // enforced, and with obligations

  bool expired(std::int64_t now) const { return expires_at && now >= *expires_at; }
};

class Plans {
 public:
  // `order`: position in decision order -> position in file order.
  Plans(const std::vector<std::uint32_t>& order, const std::vector<RuleInfo>& infos,
        const std::vector<Condition>& conditions, const AtomTable& atoms, const Index& index);
  const Plan& operator[](RuleIndex rule) const { return plans_[rule]; }
  std::span<const Step> steps(const Plan& plan) const {
    return {steps_.data() + plan.first, plan.count};
  }

 private:
  void flatten(const Condition& condition, RuleIndex rule, const AtomTable& atoms,
               const Index& index);

  std::vector<Plan> plans_;
  std::vector<Step> steps_;
};

}  // namespace pawl::rules
