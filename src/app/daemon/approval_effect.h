// What a held call does, in our words: from what the operator declared of the tool in pawl.yaml,
// and never from what the server or the agent says of it.
//
// Threading:  pure function.
// Rule:       a name that an agent chose is quoted where it is not plain.
// Not errors: a tool of which nothing is declared: that is said.
// Source:     docs/formats/console_api.md, "effect".
//
// Example:    "calls tool write_file of server files; declared: may change things, writes
// args.path,
//             may not be repeated"
#pragma once

#include <string>
#include <vector>

#include "infrastructure/upstream/servers.h"
#include "operators/approval/binding.h"

namespace pawl {

std::string effect_of(const approval::Binding& binding,
                      const std::vector<mcp::ServerConfig>& servers);

}  // namespace pawl
