// The agents, groups and servers that a file of rules asks for by name, each with its place.
//
// Purpose:    a misspelt name never matches, and no rule can know that: whoever knows the names
//             that are configured compares (app/api/rules_names.h).
// Threading:  pure function.
// Errors:     kMalformed for text that is no YAML. Rules that do not load: what can be read of
//             them; RuleSet::load says what is wrong.
// Not errors: a name under `not`: it is asked for all the same.
//
// Example:
//   for (const AskedName& asked : *asked_names({"rules.yaml", text})) {
//     asked.fits("triage");  // would this agent do?
//   }
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {

struct AskedName {
  std::string fact;  // "agent", "group" or "server"
  std::string text;  // as written: a name, a glob or an expression
  bool exact = true;
  std::function<bool(std::string_view)> fits;
  std::string rule;  // id
  Location at;
};

// In file order.
Result<std::vector<AskedName>> asked_names(const Source& source);

}  // namespace pawl::rules
