// The member `policy_tokens` of pawl.yaml: whose policy tokens count, and who may not act without
// one (docs/operations/policy-tokens.md).
//
// Threading:  one thread.
// Errors:     as YamlMap keeps them; a name twice in one list is one.
// Not errors: no such member: nobody's tokens count, and nobody needs one.
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_policy_tokens(YamlMap& root, const Values& values, Config& config);
// As `config show` has it.
json::Object shown_policy_tokens(const PolicyTokensConfig& config);

}  // namespace pawl
