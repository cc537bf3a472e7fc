// Which resources a call touches, by what the operator declared of the tool.
// Threading: pure. "args.path" reads the argument `path`; anything else is the resource's name.
#pragma once

#include "execution/graph/causality.h"
#include "infrastructure/upstream/servers.h"

namespace pawl {

Touches touches_of(const Action& action, const mcp::ServerConfig* config);

}  // namespace pawl
