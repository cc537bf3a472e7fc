// HTTP/1.1 client for upstreams: gated requests, streamed answers, pooled connections.
//
// Purpose:    one place that knows for each request whether a byte of it may have left, and that
//             never sends one twice after that.
// Threading:  the loop's thread. No callback runs inside start() or resume_reading().
// Ownership:  the pool outlives its exchanges. Destroying a ClientExchange aborts it: its
//             connection is closed unless the answer was complete, and no callback follows. A
//             callback may destroy its own exchange.
// Errors:     on_error with the stage and a code:
//               kInvalidRequest       the URL or a header can't be sent (kNotSent)
//               kUpstreamUnavailable  no connection: name, refused, TLS (kNotSent)
//               kUpstreamFailed       it broke after a byte may have left, or the answer is not
//                                     HTTP or over max_header_bytes (kSent)
//               kDeadlineExceeded     one of the four time-outs (either stage)
//               kStopped              the gate refused (either stage)
// Not errors: any HTTP status; a pooled connection that the server had closed (a fresh one is tried
//             once, only while provably no byte was written).
//
// Example:
//   ClientEvents events;
//   events.on_head = [&](int status, const Headers& headers) { ... };
//   events.on_body = [&](std::string_view bytes) { ... };
//   events.on_complete = [&] { ... };
//   events.on_error = [&](const ClientError& error) { ... };
//   exchange_ = pool.start({.url = "https://host/mcp", .method = "POST", .body = text}, gate,
//                          std::move(events));
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/write_gate.h"
#include "infrastructure/http/message.h"
#include "infrastructure/net/event_loop.h"

namespace pawl::http {

struct ClientTimeouts {                      // zero: no limit
  std::chrono::milliseconds connect{5'000};  // name, connection, TLS
  std::chrono::milliseconds first_byte{0};   // request started to be written, to answer's head
  std::chrono::milliseconds idle{0};         // between bytes of the answer; paused time not counted
  std::chrono::milliseconds total{0};        // from start() to the answer's end
};

struct ClientRequest {
  std::string url{};  // http://host[:port]/path?query or https://; no user info, no fragment
  std::string method = "GET";
  // Host, Content-Length and Connection are written by the client; Transfer-Encoding is refused.
  Headers headers{};
  std::string body{};
  ClientTimeouts timeouts{};
};

struct ClientError {
  enum Stage {
    kNotSent,  // provably no byte of the request was handed to the kernel
    kSent,     // some may have been: the outcome is unknown
  };
  Stage stage = kNotSent;
  Error error{};
};

// Each may be empty. Order: on_sent_maybe, on_head, on_body..., then exactly one of on_complete and
// on_error.
struct ClientEvents {
  std::function<void()> on_sent_maybe{};  // the first byte of the request may have left
  std::function<void(int status, const Headers&)> on_head{};  // final answers; 1xx are skipped
  std::function<void(std::string_view)> on_body{};            // de-chunked; the caller counts bytes
  std::function<void()> on_complete{};
  std::function<void(const ClientError&)> on_error{};
};

class ClientExchange {
 public:
  virtual ~ClientExchange() = default;  // aborts
  // No on_body after it returns, until resume_reading(); the end of what was delivered may follow.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
};

struct ClientOptions {
  std::string ca_file{};                     // PEM; empty: the system's default trust store
  std::size_t max_header_bytes = 64 * 1024;  // of an answer
  std::size_t max_idle_per_origin = 256;     // as many as one agent may have open calls
  std::size_t max_idle = 512;
  std::chrono::milliseconds idle_timeout{30'000};  // of a pooled connection
};

struct ClientCounters {
  std::uint64_t connections = 0;  // opened
  std::uint64_t reused = 0;       // requests written on a pooled connection
  std::uint64_t stale = 0;        // pooled connections found dead before a byte was written
};

class ClientPool {
 public:
  // A CA file that can't be read makes every https request fail (kUpstreamUnavailable), closed.
  ClientPool(EventLoop& loop, const ClientOptions& options);
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  // `gate`: every write of the request happens inside its pass(); null only for requests that
  // nothing governs (key sets). TLS verifies the chain and the host name, always.
  [[nodiscard]] std::unique_ptr<ClientExchange> start(ClientRequest request,
                                                      std::shared_ptr<WriteGate> gate,
                                                      ClientEvents events);
  // For small ungoverned requests: the whole answer, or an error (also kTooLarge over `max_body`
  // bytes). Not called when the pool is destroyed first.
  void fetch(ClientRequest request, std::function<void(Result<Response>)> done,
             std::size_t max_body);

  std::size_t idle_connections() const;
  const ClientCounters& counters() const;

  struct Impl;  // for the .cc files of this folder only

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace pawl::http
