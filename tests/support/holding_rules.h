// A set of rules of which one holds whatever it is asked; for tests of what becomes of a hold.
//
// Threading:  as any RuleSet.
// Example:    rule_board.publish(std::make_shared<HoldingRules>(approved_by("ann")));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/rules/rules.h"

namespace pawl {

inline HoldTerms approved_by(std::string role, std::uint32_t of = 1) {
  HoldTerms terms;
  terms.roles.push_back(std::move(role));
  terms.of = of;
  return terms;
}

class HoldingRules : public rules::RuleSet {
 public:
  explicit HoldingRules(std::optional<HoldTerms> terms, std::string reason = "")
      : terms_(std::move(terms)), rules_(1) {
    rules_[0].id = "ask";
    rules_[0].effect = rules::Effect::kHold;
    rules_[0].reason = std::move(reason);
    rules_[0].at = {"rules.yaml", 3, 1};
  }
  rules::Decision decide(const rules::Facts&, std::int64_t) const {
    rules::Decision out;
    out.effect = rules::Effect::kHold;
    out.rule = rules_.data();
    out.hold = terms_ ? &*terms_ : nullptr;
    out.atoms = {7};
    return out;
  }
  bool could_allow(const rules::Facts&, std::int64_t) const { return true; }
  bool could_allow_any(const rules::Facts&, std::int64_t) const { return true; }
  bool could_permit(const rules::Facts&, std::int64_t) const { return true; }
  bool could_permit_any(const rules::Facts&, std::int64_t) const { return true; }
  bool could_hold(const rules::Facts&, std::int64_t) const { return true; }
  rules::Nearest nearest(const rules::Facts&, std::int64_t) const { return {}; }
  std::vector<rules::Nearest> explain(const rules::Facts&, std::int64_t) const { return {}; }
  const std::vector<rules::RuleInfo>& rules() const { return rules_; }
  std::string digest() const { return std::string(43, 'h'); }
  std::string atom_text(std::uint32_t) const { return "any"; }
  std::vector<std::string> warnings(std::optional<std::int64_t>) const { return {}; }

 private:
  const std::optional<HoldTerms> terms_;
  std::vector<rules::RuleInfo> rules_;
};

}  // namespace pawl
