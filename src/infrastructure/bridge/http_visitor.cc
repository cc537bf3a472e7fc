#include "infrastructure/bridge/http_visitor.h"

#include <memory>
#include <utility>

#include "infrastructure/bridge/http_reply.h"
#include "infrastructure/identity/http_credentials.h"
#include "infrastructure/mcp/refusal.h"
#include "path/credential_shown.h"

namespace pawl::bridge {
namespace {

constexpr std::string_view kPath = "/mcp";

// The server of "/mcp/{server}", "" of "/mcp"; nullopt: another path.
std::optional<std::string> server_of_path(std::string_view path) {
  if (path == kPath) {
    return std::string();
  }
  if (!path.starts_with(kPath) || path[kPath.size()] != '/' || path.size() == kPath.size() + 1) {
    return std::nullopt;
  }
  return std::string(path.substr(kPath.size() + 1));
}

// Of an action that is there to be refused: nobody waits, nothing can be forwarded.
class NoExchange final : public Exchange {
 public:
  void forward(std::shared_ptr<WriteGate>, std::shared_ptr<CallEvents> events) override {
    events->lost(Loss::kNotSent, "the caller is not proven");
  }
  void abandon(Loss) override {}
  void release(std::shared_ptr<WriteGate>, const Answer&, const RecordRef&) override {}
  void refuse(const Refusal&, const RecordRef&) override {}
};

// A good token whose proof does not hold may be a stolen one: the record says whose.
void record_unproven(Core& core, const http::Request& request, const std::string& server,
                     const identity::Denial& denial) {
  Action action =
      credential_shown(denial.agent, identity::refusal_name(denial.refusal), denial.text);
  action.method = request.method;
  action.protocol = "http";
  action.server = server;
  action.received = core.parts.clock.wall();
  action.received_boot = core.parts.clock.boot();
  core.parts.gateway.submit(std::move(action), std::make_unique<NoExchange>());
}

http::Response denied(const identity::Denial& denial) {
  http::Headers headers;
  if (!denial.challenge.empty()) {
    headers.add("WWW-Authenticate", denial.challenge);
  }
  if (!denial.dpop_nonce.empty()) {
    headers.add(identity::kFieldDpopNonce, denial.dpop_nonce);
  }
  if (denial.status == 503) {
    headers.add("Retry-After", "1");
  }
  return http_refusal(denial.status, denial.code, denial.text, std::move(headers));
}

}  // namespace

http::Response http_refusal(int status, Code code, std::string message, http::Headers headers,
                            std::string_view id_text) {
  return json_response(
      status, mcp::fault_response(id_text, Error{code, std::move(message)}, mcp::Era::kModern),
      std::move(headers));
}

Visitor visitor(Core& core, const http::Request& request, identity::Pass pass) {
  const std::optional<std::string> server = server_of_path(request.path);
  if (!server) {
    return {
        http_refusal(404, Code::kNotFound, "the MCP endpoints are /mcp and /mcp/{server}"), {}, ""};
  }
  if (Status origin = identity::check_origin(core.parts.origin, request); !origin) {
    ++core.counters.bad_origin;
    return {http_refusal(403, origin.error().code, origin.error().message), {}, ""};
  }
  const Result<identity::Credentials> credentials = identity::credentials_of(request);
  tl::expected<Caller, identity::Denial> caller =
      credentials
          ? core.parts.authenticator.admit(*credentials, core.parts.clock.wall(), pass)
          : tl::unexpected<identity::Denial>(identity::denial_of(
                {identity::Refusal::kBadAuthorization, credentials.error().message, ""}, {}));
  if (!caller) {
    ++core.counters.unauthenticated;
    const bool known = server->empty() || core.parts.servers.config(*server) != nullptr;
    if (!caller.error().agent.empty()) {
      record_unproven(core, request, known ? *server : std::string(), caller.error());
    }
    return {denied(caller.error()), {}, ""};
  }
  if (!server->empty() && core.parts.servers.config(*server) == nullptr) {
    return {http_refusal(404, Code::kNotFound, "no server of this name is registered"), {}, ""};
  }
  return {std::nullopt, *std::move(caller), *server};
}

}  // namespace pawl::bridge
