#include "app/api/explained_rule.h"

#include "foundation/rules/obligation.h"

namespace pawl {

std::string rule_place(const rules::RuleInfo& rule) {
  return rule.at.file + ":" + std::to_string(rule.at.line);
}

json::Object explained_json(const rules::Nearest& explained) {
  json::Array differences;
  for (const rules::Difference& difference : explained.differences) {
    differences.push_back(json::Object{
        {"what", difference.what}, {"expected", difference.expected}, {"found", difference.found}});
  }
  json::Object out{{"id", explained.rule->id},
                   {"then", rules::effect_name(explained.rule->effect)},
                   {"at", rule_place(*explained.rule)}};
  if (explained.rule->hold != nullptr) {
    out["hold"] = print_hold_terms(*explained.rule->hold);
    out["in_doubt"] = explained.in_doubt;
  }
  if (explained.rule->obliges != nullptr) {
    out["allow"] = rules::print_obligations(*explained.rule->obliges);
  }
  out["matches"] = differences.empty();
  out["differences"] = std::move(differences);
  return out;
}

std::string obliged_words(const rules::Decision& decision) {
  return obliged_words(decision.obliged);
}

std::string obliged_words(const std::vector<const rules::RuleInfo*>& rules) {
  if (rules.empty()) {
    return "";
  }
  std::string by;
  for (const rules::RuleInfo* rule : rules) {
    by += (by.empty() ? "" : ", ") + rule->id;
  }
  return rules::obligations_text(rules::joined_obligations(rules)) + " (" + by + ")";
}

void put_obligations(json::Object& out, const rules::Decision& decision) {
  if (!decision.obliged.empty()) {
    json::Array by;
    for (const rules::RuleInfo* rule : decision.obliged) {
      by.emplace_back(rule->id);
    }
    out["allow"] = rules::print_obligations(rules::joined_obligations(decision.obliged));
    out["obliged_by"] = std::move(by);
    out["obliged"] = obliged_words(decision);
  }
}

}  // namespace pawl
