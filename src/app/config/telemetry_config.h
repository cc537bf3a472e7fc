// The member `telemetry` of pawl.yaml: where traces go (docs/operations/traces.md).
// Threading:  one thread. Errors: as YamlMap keeps them. Not errors: no such member (nothing is
// sent).
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_telemetry(YamlMap& root, const Values& values, Config& config);

}  // namespace pawl
