// What the console asks of rules: a call tried out, a set of files checked.
//
// Purpose:    the questions of `pawl rules explain` and `pawl rules check`, over HTTP and over text
//             that is in no file yet. Nothing here changes the set in force.
// Threading:  pure functions; they may take long with many rules: not for the I/O thread.
// Errors:     read_*(): kInvalidParams, naming the member; kMalformed: no JSON. try_call():
//             what RuleSet::load says of given files.
// Not errors: check_rules() of files that do not load: that is its answer.
// Source:     docs/formats/console_api.md, "Rules"; docs/formats/rules.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/api/known_names.h"
#include "base/json.h"
#include "foundation/rules/rules.h"

namespace pawl {

inline constexpr std::size_t kMostRuleFiles = 32;
inline constexpr std::size_t kMostRuleBytes = 1u << 20;  // of all files together

struct RuleTrial {
  std::optional<std::vector<rules::Source>> sources;  // nullopt: those in force
  std::string agent, on_behalf_of, server, verb, name;
  std::optional<json::Value> arguments;  // nullopt: none, which is not an empty object
};
Result<RuleTrial> read_trial(const std::string& body);
Result<std::vector<rules::Source>> read_check(const std::string& body);

// {decision, rule, reason, atoms, rules, digest}. `groups`: of the agent, as configured.
Result<json::Object> try_call(const RuleTrial& trial,
                              std::shared_ptr<const rules::RuleSet> in_force,
                              const std::vector<std::string>& groups, std::int64_t now);
// {problems, digest}; digest null: they do not load.
json::Object check_rules(const std::vector<rules::Source>& sources, const KnownNames& known,
                         const Config& config, std::int64_t now);

}  // namespace pawl
