#include "infrastructure/bridge/param_check.h"

#include <algorithm>
#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/dispatch.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/request_headers.h"

namespace pawl::bridge {
namespace {

bool has_param_headers(const http::Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return header.name.size() > names::kFieldMcpParamPrefix.size() &&
           http::equal_ignoring_case(
               std::string_view(header.name).substr(0, names::kFieldMcpParamPrefix.size()),
               names::kFieldMcpParamPrefix);
  });
}

// Headers that nothing can confirm are not passed on.
jsonrpc::Fault unconfirmed(const std::string& tool) {
  return {Code::kHeaderMismatch,
          "Header mismatch: the schema of tool \"" + tool +
              "\" is not known, so Mcp-Param headers cannot be confirmed",
          "", 400};
}

}  // namespace

std::optional<ToolSchemas::Asked> called_tool(const Core& core, const Inbound& in) {
  if (in.info == nullptr || in.info->verb != kinds::kToolCall) {
    return std::nullopt;
  }
  std::optional<Routed> routed;
  if (in.server.empty()) {
    Result<Routed> found = route(core, in);
    if (!found) {
      return std::nullopt;
    }
    routed = std::move(*found);
  }
  const std::string& server = routed ? routed->server : in.server;
  Result<std::optional<std::string>> tool =
      mcp::named(routed ? routed->message : in.message, *in.info);
  if (!tool || !*tool || !core.parts.gateway.may_use(in.caller, server, kinds::kToolCall, **tool)) {
    return std::nullopt;
  }
  return ToolSchemas::Asked{in.caller, server, in.connection, *std::move(*tool)};
}

std::optional<jsonrpc::Fault> check_headers(const Core& core, const Inbound& in,
                                            const std::optional<ToolSchemas::Asked>& tool,
                                            const std::vector<std::string>& revisions) {
  const std::vector<mcp::ParamHeader>* params =
      tool ? core.parts.servers.params_of(tool->server, tool->tool) : nullptr;
  std::optional<jsonrpc::Fault> fault =
      mcp::check_request_headers(in.headers, in.message, in.info, revisions, params);
  if (!fault && tool && params == nullptr && has_param_headers(in.headers)) {
    fault = unconfirmed(tool->tool);
  }
  return fault;
}

}  // namespace pawl::bridge
