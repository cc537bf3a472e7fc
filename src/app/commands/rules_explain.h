// `pawl rules explain`: what the rules say to one imagined call, and what keeps each from matching.
//
// Threading:  the main thread.
// Errors:     exit 2: the rules do not load, an --arg that is no PATH=VALUE.
// Not errors: a call that is refused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "foundation/rules/rules.h"

namespace pawl {

struct LoadedRules {
  std::vector<std::string> files;
  std::vector<rules::Source> sources;  // of the files
  std::shared_ptr<const rules::RuleSet> set;
  Config config;  // for the groups of agents
};
// The given files, else the configuration's.
Result<LoadedRules> load_rules(const Context& context, const std::vector<std::string>& given);

// "support/7 of platform@example.org, "; empty: the set has no header.
std::string header_text(const rules::RuleSet& set);
// Members set, owner and version, where there is a header.
void put_header(json::Object& out, const rules::RuleSet& set);

void add_rules_explain(CLI::App& group, Context& context);

}  // namespace pawl
