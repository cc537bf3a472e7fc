// HTTP in: from a request on /mcp to a message of an authenticated client.
//
// Purpose:    everything that the transport itself decides: method, media types, Host and Origin,
//             identity, body, era, headers, session. What is refused here is counted, not recorded.
// Threading:  the I/O thread.
// Source:     MCP 2026-07-28 and 2025-11-25, Streamable HTTP.
// Errors:     400, 401, 403, 404, 405, 406, 415 with a JSON-RPC error (without id where none is
//             known).
#pragma once

#include <memory>

#include "infrastructure/bridge/core.h"
#include "infrastructure/http/server.h"

namespace pawl::bridge {

// The checks that need no body, while there is none yet. Whoever passes is charged by its agent.
http::Entrance check_head(Core& core, const http::Request& head);

void handle_http(const std::shared_ptr<Core>& core, http::Request request,
                 std::shared_ptr<http::ResponseWriter> writer);

}  // namespace pawl::bridge
