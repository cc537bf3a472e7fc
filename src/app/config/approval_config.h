// The member `approval` of pawl.yaml: how calls wait for people, and how these are told
// (docs/operations/approve-a-call.md, be-told.md).
// Threading:  one thread. Errors: as YamlMap keeps them. Not errors: no such member.
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_approval(YamlMap& root, const Values& values, Config& config);

}  // namespace pawl
