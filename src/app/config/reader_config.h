// The member `readers` of pawl.yaml: who may read the log's entries (docs/operations/readers.md).
// Threading:  one thread. Errors: read_readers() as YamlMap keeps them; check_readers(): a key that
// is short, stands twice, or is an agent's, with its place. Not errors: no such member (nobody
// may).
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"

namespace pawl {

void read_readers(YamlMap& root, const Values& values, Config& config);

Status check_readers(const Config& config);

}  // namespace pawl
