// The signed set that took force last, whole: DATA/rules_in_force.json.
//
// Purpose:    when the files of pawl.yaml are changed and not signed, a start goes on with the set
//             that was; the ledger has its digest and signature, and not its text. Nothing here is
//             trusted: it counts if its signature does (rule_activation.h).
// Threading:  the I/O thread, and commands that look.
// Errors:     kMalformed, kIo. save(): as write_file(); durable when it returns.
// Format:     {"format":1,"signature":"JWS","files":[{"file":PATH,"text":YAML}]}; read: other
//             members are passed over (docs/formats/data_folder.md).
// Not errors: no such file: no signed set was in force here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/rules/rules.h"

namespace pawl {

struct KeptRules {
  std::string signature;  // compact policy+jwt
  std::vector<rules::Source> sources;
};

Result<std::optional<KeptRules>> read_kept_rules(Files& files, const std::string& path);
// Does not write what stands there already.
Status save_kept_rules(Files& files, const std::string& path, const KeptRules& kept);

}  // namespace pawl
