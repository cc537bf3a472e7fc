// The members of pawl.yaml that say who may call: `agents`, `jwt_issuers`, `trust_domains`,
// `proofs` (docs/operations/who-may-call.md, docs/operations/stolen-tokens.md). Threading:  one
// thread. Errors: as YamlMap keeps them. Not errors: no such members (nobody may).
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_identities(YamlMap& root, const Values& values, Config& config);

}  // namespace pawl
