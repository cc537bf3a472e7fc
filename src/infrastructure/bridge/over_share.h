// What an agent is told that has as many connections under way as it may (limits.
// connections_per_agent of the configuration).
//
// Purpose:    a request is refused as every limit refuses; a stream by HTTP, which has no message
// to
//             answer. Notifications, answers and DELETE pass: they end what is under way.
// Threading:  the I/O thread.
// Not errors: none is recorded: no Action was made of it. Each is counted.
#pragma once

#include "infrastructure/http/server.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/era.h"

namespace pawl::bridge {

// Counts the connection for the agent, until its answer is over.
bool is_over_share(http::ResponseWriter& writer, const std::string& agent);
void refuse_over_share(http::ResponseWriter& writer, const jsonrpc::Message& request, mcp::Era era);
void refuse_stream_over_share(http::ResponseWriter& writer);

}  // namespace pawl::bridge
