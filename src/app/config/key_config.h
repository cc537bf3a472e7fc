// The member `keys` of pawl.yaml: where the keys that sign records and checkpoints come from
// (docs/operations/keys-in-hardware.md).
//
// Purpose:    read apart from the rest, by whoever signs: the daemon and the commands that do
// without
//             one. load_config() only checks it.
// Threading:  one thread.
// Errors:     as YamlMap keeps them; nothing is opened here.
// Not errors: no such member: the keystore's own files.
#pragma once

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"
#include "foundation/keys/key_source.h"

namespace pawl {

KeySources read_keys(YamlMap& root, const Values& values, const Environment& environment);
// Only this member, whatever stands beside it in the file.
Result<KeySources> load_keys(Files& files, const std::string& path, const Environment& environment);

}  // namespace pawl
