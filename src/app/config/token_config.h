// The members `tokens` and `trusted_tokens` of pawl.yaml: what is asked of the Execution Context
// Tokens that come with a call, and whose they may be (docs/operations/configuration.md).
//
// Threading:  one thread.
// Errors:     as YamlMap keeps them; an algorithm that is no signature, or that stands here in
// vain,
//             is one.
// Not errors: no such members: the defaults of TokensConfig, and only our own tokens.
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_tokens(YamlMap& root, const Values& values, Config& config);

}  // namespace pawl
