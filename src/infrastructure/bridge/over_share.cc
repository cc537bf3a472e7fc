#include "infrastructure/bridge/over_share.h"

#include "base/limit_stat.h"
#include "infrastructure/bridge/http_reply.h"
#include "infrastructure/mcp/refusal.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr const char* kReason =
    "this agent has too many connections under way; wait for some to end";
constexpr std::int64_t kRetryMs = 1000;

LimitStat connections_per_agent("connections_per_agent");

}  // namespace

bool is_over_share(http::ResponseWriter& writer, const std::string& agent) {
  return !writer.charge("agent " + agent) && plugged(ControlId::kConnectionsPerAgent);
}

void refuse_over_share(http::ResponseWriter& writer, const jsonrpc::Message& request,
                       mcp::Era era) {
  connections_per_agent.reached();
  const Refusal refusal{Code::kOverloaded, "limits", "connections-per-agent",
                        kReason,           true,     kRetryMs};
  writer.send(json_response(200, mcp::refusal_response(request, era, refusal, Uuid{})));
}

void refuse_stream_over_share(http::ResponseWriter& writer) {
  connections_per_agent.reached();
  writer.send(json_response(
      503, mcp::fault_response({}, Error{Code::kOverloaded, kReason}, mcp::Era::kLegacy),
      {{"Retry-After", "1"}}));
}

}  // namespace pawl::bridge
