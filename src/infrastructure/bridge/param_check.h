// The headers of a modern request against its body, with the schema of the tool that it calls.
//
// Purpose:    what is not known of a tool is learned first (tool_schemas.h); a call whose
// Mcp-Param-*
//             headers nothing can confirm is refused, never passed unchecked.
// Threading:  the I/O thread.
// Not errors: such a call of a caller who may not use the tool at all: the rules refuse it, and
// that
//             has a record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infrastructure/bridge/inbound.h"
#include "infrastructure/bridge/tool_schemas.h"
#include "infrastructure/jsonrpc/error_table.h"

namespace pawl::bridge {

// The tool that a tools/call is for, by its server's own name, if this caller may use it; nullopt:
// another method, or a name that leads nowhere.
std::optional<ToolSchemas::Asked> called_tool(const Core& core, const Inbound& in);

// `tool`: as called_tool() says. `revisions`: the modern ones offered to this request.
std::optional<jsonrpc::Fault> check_headers(const Core& core, const Inbound& in,
                                            const std::optional<ToolSchemas::Asked>& tool,
                                            const std::vector<std::string>& revisions);

}  // namespace pawl::bridge
