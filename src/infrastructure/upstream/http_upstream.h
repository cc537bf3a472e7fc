// An MCP server behind Streamable HTTP, of either era.
//
// Purpose:    Upstream over http::ClientPool: finds the era, keeps a legacy session and its GET
//             stream, reads JSON and event-stream answers, resumes broken legacy streams.
// Threading:  the loop's own thread.
// Ownership:  pool and loop outlive it. Callbacks may destroy the upstream.
// Errors:     those of upstream.h, and for one request:
//   - an error response, also with a 4xx or 5xx status: on_response;
//   - 400, 401, 403, 404, 405, 406, 413, 415, 421, 429 without one: the server refused to take the
//     request, so it did not happen: on_response with an error of ours that names the status;
//   - any other status, a connection that ends, an answer over the limit: on_lost, unknown;
//   - an answer that is no response to the request, or a result whose status says otherwise:
//     on_lost(kGarbage).
//   404 with a session: the session is gone; every exchange is told, then on_closed.
// Not errors: a server without a GET stream (405); messages after the response (counted).
// Redirects are not followed, and credentials of the configuration win over any header of a
// request. Requests are never sent twice; a legacy stream that broke after an event id is read on
// with GET.
//
// Example:
//   HttpUpstream upstream(loop, pool, {.name = "search", .url = "http://127.0.0.1:3001/mcp"});
//   upstream.start({Era::kModern}, [&](Result<UpstreamHello> hello) { ... });
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "infrastructure/http/client.h"
#include "infrastructure/mcp/upstream.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/upstream/back_off.h"
#include "infrastructure/upstream/server_health.h"

namespace pawl::mcp {

struct HttpOptions {
  std::string name{};  // for logs and errors
  std::string url{};
  http::Headers headers{};                // credentials; never logged
  UpstreamWatch watch{};                  // told of starts and ends; may be empty
  std::string version = "0";              // Pawl's own, told to the server
  std::shared_ptr<WriteGate> plumbing{};  // for handshakes, GET streams, cancellations
  std::chrono::milliseconds probe_timeout{5'000};
  std::chrono::milliseconds start_timeout{30'000};
  BackOffOptions back_off{};                // of failed starts, and of the GET stream
  int max_resumes = 5;                      // in a row, without an event between
  std::size_t max_bytes = 4 * 1024 * 1024;  // of a body or an event
  std::chrono::milliseconds drain{2'000};   // for the rest of a stream after its response
  std::size_t max_open = 1024;              // exchanges; over it a request is lost(kNotSent)
  std::size_t max_errands = 256;            // notifications and answers under way
};

struct HttpCounters {
  std::uint64_t starts = 0;
  std::uint64_t garbage = 0;   // events that are no messages, or not for this era
  std::uint64_t late = 0;      // messages after the response
  std::uint64_t unknown = 0;   // responses to something else
  std::uint64_t resumes = 0;   // GET with Last-Event-ID for a request's stream
  std::uint64_t dropped = 0;   // notifications over max_errands, or for nobody
  std::uint64_t refusals = 0;  // statuses that say the request was not taken
};

class HttpUpstream final : public Upstream {
 public:
  HttpUpstream(EventLoop& loop, http::ClientPool& pool, HttpOptions options);
  ~HttpUpstream() override;

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
  const HttpCounters& counters() const;

 private:
  const std::shared_ptr<class HttpLink> link_;
};

}  // namespace pawl::mcp
