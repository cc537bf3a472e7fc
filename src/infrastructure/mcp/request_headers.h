// The request headers of modern Streamable HTTP, checked against the body and written from it.
//
// Purpose:    a header may confirm the body and never replaces it; what goes to an upstream is
//             written anew from the body that goes there.
// Threading:  pure functions.
// Source:     MCP 2026-07-28, Streamable HTTP, "Request Metadata" and "Server Validation".
// Errors:     a Fault with its HTTP status: kHeaderMismatch (-32020), kUnsupportedVersion (-32022,
//             data lists the supported ones), kInvalidParams (-32602, a required _meta field is
//             missing); all of them 400. A name missing in the body: kInvalidParams, 200.
// Not errors: Mcp-Param-* headers that no annotation of the tool names (passed on as they are).
//
// Example:
//   if (auto fault = check_request_headers(headers, message, info, revisions, &tool_headers)) {
//     return answer(fault->http_status, fault_response(message.id_text, *fault, Era::kModern));
//   }
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infrastructure/http/message.h"
#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/methods.h"
#include "infrastructure/mcp/param_headers.h"

namespace pawl::mcp {

// Which era a POST speaks: initialize and session ids are legacy; a _meta protocol version, a
// modern version header, an Mcp-Method header, server/discover and subscriptions/listen are modern;
// a message without any of these is legacy.
Era era_of_request(const http::Headers& headers, const jsonrpc::Message& message);

// Checks version, method, name and parameters. `info` may be nullptr (an unknown method: version
// and Mcp-Method are still checked). `supported`: revisions offered here, newest first. `params`:
// the annotations of the tool that the body names, nullptr when its schema is not known.
std::optional<jsonrpc::Fault> check_request_headers(const http::Headers& headers,
                                                    const jsonrpc::Message& message,
                                                    const MethodInfo* info,
                                                    const std::vector<std::string>& supported,
                                                    const std::vector<ParamHeader>* params);

// The same rules for the body alone, for stdio: _meta fields present and the version supported.
std::optional<jsonrpc::Fault> check_request_meta(const jsonrpc::Message& message,
                                                 const std::vector<std::string>& supported);

// {"supported": [...], "requested": "..."} in a Fault of kUnsupportedVersion.
jsonrpc::Fault unsupported_version(const std::vector<std::string>& supported,
                                   std::string_view requested);

// Headers for a modern HTTP upstream, mirrored from `message`: version, method, name, parameters.
// `client`: the caller's headers, whose unrecognised Mcp-Param-* pass; nullptr when there are none.
http::Headers upstream_headers(const jsonrpc::Message& message, const MethodInfo& info,
                               std::string_view revision, const std::vector<ParamHeader>* params,
                               const http::Headers* client);

}  // namespace pawl::mcp
