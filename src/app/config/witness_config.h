// The member `witnesses` of pawl.yaml: who must have seen our log (docs/operations/witnesses.md).
// Threading:  one thread. Errors: as YamlMap keeps them. Not errors: no such member (nobody is
// asked).
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_witnesses(YamlMap& root, const Values& values, Config& config);

}  // namespace pawl
