// One rule against one call, as JSON: of `pawl rules explain --json` and of the console.
// Threading: pure functions. Source: docs/formats/console_api.md, "Rules".
#pragma once

#include <string>

#include "base/json.h"
#include "foundation/rules/rules.h"

namespace pawl {

std::string rule_place(const rules::RuleInfo& rule);  // "rules.yaml:3"
// {id, then, at, hold?, in_doubt?, matches, differences: [{what, expected, found}]}
json::Object explained_json(const rules::Nearest& explained);

}  // namespace pawl
