// Rule files as they stand on the disk, and the signature beside them.
//
// Purpose:    load them as one set. Which set takes force: rule_activation.h.
// Threading:  the I/O thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/rules/rules.h"

namespace pawl {

Result<std::vector<rules::Source>> read_rule_files(Files& files,
                                                   const std::vector<std::string>& paths);
// Errors: kMalformed with file, line and column.
Result<std::shared_ptr<const rules::RuleSet>> load_rule_files(
    Files& files, const std::vector<std::string>& paths);

// A `policy+jwt` on one line, beside the file that has the set's header.
std::string signature_path(const rules::SetHeader& header);  // "rules.yaml.sig"
// Without the line's end; nullopt: there is no such file. kTooLarge.
Result<std::optional<std::string>> read_signature(Files& files, const rules::SetHeader& header);

}  // namespace pawl
