// One rule against one call, as JSON: of `pawl rules explain --json` and of the console.
// Threading: pure functions. Source: docs/formats/console_api.md, "Rules".
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "foundation/rules/rules.h"

namespace pawl {

std::string rule_place(const rules::RuleInfo& rule);  // "rules.yaml:3"
// {id, then, at, hold?, in_doubt?, allow?, matches, differences: [{what, expected, found}]}
json::Object explained_json(const rules::Nearest& explained);
// `allow`: what the call has to meet, of all rules together; `obliged_by`: their ids; `obliged`:
// in words. Nothing: no member.
void put_obligations(json::Object& out, const rules::Decision& decision);
// The same in words: "1 pattern is taken out of the answer (small-refunds)"; nothing: empty.
std::string obliged_words(const rules::Decision& decision);
// Of these rules, all with obligations.
std::string obliged_words(const std::vector<const rules::RuleInfo*>& rules);

}  // namespace pawl
