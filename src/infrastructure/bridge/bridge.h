// The stateful client side of MCP: between clients (HTTP, lines) and the Gateway.
//
// Purpose:    decodes what clients send to Actions and hands back what the Gateway releases: both
//             eras, sessions, streams, lists, subscriptions, tasks. It decides nothing.
// Threading:  the I/O thread.
// Ownership:  what BridgeParts refers to outlives the Bridge and the calls that it started. Destroy
//             the http::Server first.
// Errors:     answered to the clients, as docs/formats/mcp.md lists them.
// Not errors: clients that leave, servers that are down.
//
// One call, in order of files: http_ingress.h (or line_client.h) -> dispatch.h -> client_call.h ->
// [the Gateway decides] -> client_call.h -> Upstream -> result_shape.h -> outlet.h.
//
// Example:
//   bridge::Bridge bridge(parts, options);
//   auto server = http::Server::listen(loop, http_options, [&](auto request, auto writer) {
//     bridge.handle(std::move(request), std::move(writer)); });
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "infrastructure/bridge/bridge_options.h"
#include "infrastructure/http/server.h"
#include "infrastructure/net/unix_line.h"
#include "path/caller.h"

namespace pawl::bridge {

struct Core;
class LineClient;

class Bridge {
 public:
  Bridge(BridgeParts parts, BridgeOptions options);
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  // Requests whose path is /mcp or begins with /mcp/.
  void handle(http::Request request, std::shared_ptr<http::ResponseWriter> writer);

  // The same before the body has arrived, for http::ServerOptions::head_check.
  http::Entrance check_head(const http::Request& head);

  // A client that speaks over lines to one server. `own`: the server that came with it (a wrap
  // shim), for its session alone; null: a registered one. `closed` runs once when the client ended.
  void attach_stdio(Caller caller, const std::string& server, std::unique_ptr<LineChannel> client,
                    std::unique_ptr<mcp::Upstream> own, std::function<void()> closed);

  // About once a second: ends idle sessions, keeps quiet streams alive.
  void tick();
  // Follows on what the ledger still owes the end of. Once, before clients are served.
  void resume_tasks(const std::vector<OpenTask>& open);
  // Ends sessions, and tells as unknown the tasks that end with their server. Once the
  // Gateway has drained: what was open has its answer.
  void shut_down();

  std::size_t sessions() const;
  std::size_t followed_tasks() const;
  const BridgeCounters& counters() const;

 private:
  std::shared_ptr<Core> core_;
  std::set<std::shared_ptr<LineClient>> clients_;
};

}  // namespace pawl::bridge
