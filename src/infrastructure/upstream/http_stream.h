// One HTTP exchange whose answer is a body, or a stream of events.
//
// Purpose:    hides whether a server answered with JSON or with server-sent events: each event's
//             data is told as it comes, everything else is told at the end.
// Threading:  the loop's thread; no callback runs inside the constructor.
// Ownership:  destroying it aborts the exchange; a callback may destroy it.
// Errors:     HttpAnswer::error: of the client (client.h), or kUpstreamFailed for a body or event
//             over the limit.
// Not errors: any HTTP status; a stream that ends without the event one hoped for.
//
// Example:
//   stream_ = std::make_unique<HttpStream>(pool, request, gate, 4 << 20,
//       [](std::string data) { ... }, [](HttpAnswer answer) { ... });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "infrastructure/http/client.h"

namespace pawl::mcp {

struct HttpAnswer {
  std::optional<http::ClientError> error{};
  int status = 0;          // 0: there was no answer
  bool is_stream = false;  // 2xx with text/event-stream
  std::string session{};   // Mcp-Session-Id
  std::string body{};      // of what is no stream
  bool too_large = false;
  std::string last_event_id{};
  std::optional<std::uint64_t> retry_ms{};
  bool ok() const { return !error && status >= 200 && status < 300; }
};

class HttpStream {
 public:
  using OnEvent = std::function<void(std::string data)>;
  using OnEnd = std::function<void(HttpAnswer answer)>;

  HttpStream(http::ClientPool& pool, http::ClientRequest request, std::shared_ptr<WriteGate> gate,
             std::size_t max_bytes, OnEvent on_event, OnEnd on_end);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  // Replaces both callbacks; what comes next goes to these.
  void redirect(OnEvent on_event, OnEnd on_end);
  const HttpAnswer& so_far() const;  // status and session, once an event was told
  void pause();
  void resume();
  bool sent_maybe() const;  // the first byte of the request may have left

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace pawl::mcp
