// A set of rules of which one holds whatever it is asked; for tests of what becomes of a hold.
//
// Threading:  as any RuleSet.
// Example:    rule_board.publish(std::make_shared<HoldingRules>(approved_by("ann")));
#pragma once

#include <cstdint>
#include <memory>
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
  explicit HoldingRules(std::optional<HoldTerms> terms, std::string reason = "") : rules_(1) {
    if (terms) {
      rules_[0].hold = std::make_shared<const HoldTerms>(*std::move(terms));
    }
    rules_[0].id = "ask";
    rules_[0].effect = rules::Effect::kHold;
    rules_[0].reason = std::move(reason);
    rules_[0].at = {"rules.yaml", 3, 1};
  }
  rules::Decision decide(const rules::Facts&, std::int64_t) const override {
    rules::Decision out;
    out.effect = rules::Effect::kHold;
    out.rule = rules_.data();
    out.atoms = {7};
    return out;
  }
  bool could_permit(const rules::Facts&, std::int64_t) const override { return true; }
  bool could_permit_any(const rules::Facts&, std::int64_t) const override { return true; }
  bool could_hold(const rules::Facts&, std::int64_t) const override { return true; }
  std::vector<const rules::RuleInfo*> could_oblige(const rules::Facts&, bool) const override {
    return {};
  }
  rules::Nearest nearest(const rules::Facts&, std::int64_t) const override { return {}; }
  std::vector<rules::Nearest> explain(const rules::Facts&, std::int64_t) const override {
    return {};
  }
  const std::vector<rules::RuleInfo>& rules() const override { return rules_; }
  std::string digest() const override { return std::string(43, 'h'); }
  std::string atom_text(std::uint32_t) const override { return "any"; }
  std::vector<std::string> warnings(std::optional<std::int64_t>) const override { return {}; }

 private:
  std::vector<rules::RuleInfo> rules_;
};

}  // namespace pawl
