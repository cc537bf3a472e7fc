// An MCP server that speaks in lines: a child's stdio, a shim, a Unix socket.
//
// Purpose:    Upstream over a LineTransport: finds the era, shakes hands, tells many exchanges on
//             one channel apart, starts anew after a death with back-off.
// Threading:  the loop's own thread.
// Ownership:  owns its transport. Callbacks may destroy the upstream.
// Errors:     those of upstream.h. A line that is no message is counted and skipped; after
//             max_garbage of them, and at a line over the limit, the server is ended. Such a line
//             that still names an open exchange loses it (kGarbage).
// Not errors: a response that is late, unknown or a second one (counted, dropped).
// Routing:    a notification goes to the exchange whose progress token, task or subscription it
//             names. A request of the server and notifications/message go to the exchange of the
//             task they name, else to the only open exchange, else they are unsolicited. Pings
//             are answered here. notifications/cancelled of a client is not passed (ids differ):
//             destroying the exchange sends one.
//
// Example:
//   StdioUpstream upstream(loop, {.name = "files"}, [&] { return open_child(...); });
//   upstream.start({Era::kLegacy, initialize_params}, [&](Result<UpstreamHello> hello) { ... });
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "infrastructure/mcp/upstream.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/upstream/back_off.h"
#include "infrastructure/upstream/line_transport.h"
#include "infrastructure/upstream/server_health.h"

namespace pawl::mcp {

struct StdioOptions {
  std::string name{};                     // for logs and errors: "files", "files (agent:triage)"
  UpstreamWatch watch{};                  // told of starts and ends; may be empty
  std::string version = "0";              // Pawl's own, told to the server
  std::shared_ptr<WriteGate> plumbing{};  // for handshakes, pongs and cancellations; null: no gate
  std::chrono::milliseconds probe_timeout{5'000};  // no answer to server/discover: legacy
  std::chrono::milliseconds start_timeout{30'000};
  BackOffOptions back_off{};
  std::size_t max_garbage = 100;  // lines of one life
  std::size_t max_silent = 3;     // calls in turn that time out while it says nothing at all
  std::size_t max_open = 1024;    // exchanges; over it a request is lost(kNotSent)
};

struct StdioCounters {
  std::uint64_t starts = 0;
  std::uint64_t garbage = 0;
  std::uint64_t late = 0;     // responses to exchanges that are gone or answered
  std::uint64_t unknown = 0;  // responses to nothing we sent
  std::uint64_t dropped = 0;  // messages over the limit of a slow reader, or for nobody
};

class StdioUpstream final : public Upstream {
 public:
  StdioUpstream(EventLoop& loop, StdioOptions options, OpenTransport open);
  // With a transport that exists already: it is used once and cannot be started anew.
  StdioUpstream(EventLoop& loop, StdioOptions options, std::unique_ptr<LineTransport> attached);
  ~StdioUpstream() override;

  void start(Opening opening, std::function<void(Result<UpstreamHello>)> done) override;
  std::unique_ptr<UpstreamExchange> request(const Request& request, std::shared_ptr<WriteGate> gate,
                                            std::shared_ptr<ExchangeEvents> events) override;
  void notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate) override;
  void answer(const std::string& id_text, std::string_view body, bool is_error,
              std::shared_ptr<WriteGate> gate, std::function<void(bool sent)> sent) override;
  void on_unsolicited(std::function<void(jsonrpc::Message)> handler) override;
  void on_closed(std::function<void(std::string reason)> handler) override;
  void close() override;
  bool is_open() const override;
  const UpstreamHello* hello() const override;
  const StdioCounters& counters() const;

 private:
  class Link;
  const std::shared_ptr<Link> link_;
};

}  // namespace pawl::mcp
