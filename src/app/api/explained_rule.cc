#include "app/api/explained_rule.h"

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
  out["matches"] = differences.empty();
  out["differences"] = std::move(differences);
  return out;
}

}  // namespace pawl
