// One connection to one MCP server, whatever its transport and era.
//
// Purpose:    what the bridge needs of a server: send a request and hear everything that belongs to
//             it, send notifications and answers, hear what belongs to no request. Ids are
//             rewritten here: the bridge never sees the upstream's, the upstream never sees the
//             client's.
// Threading:  the I/O thread; no callback runs inside request(), notify() or answer().
// Ownership:  an Upstream outlives its exchanges; destroying an UpstreamExchange ends the interest
// in
//             it (no callback follows) and cancels it as the protocol says if it has no answer yet.
// Errors:     on_lost(kNotSent): provably nothing left; every other Loss: it may have.
// Not errors: an answer to an exchange that is gone (counted as late, dropped).
//
// Implementations: http_upstream.h, stdio_upstream.h.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/write_gate.h"
#include "infrastructure/http/message.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/era.h"
#include "path/exchange.h"

namespace pawl::mcp {

// What comes back for one request, in order.
class ExchangeEvents {
 public:
  virtual ~ExchangeEvents() = default;
  // A notification, or a request from the server (legacy), that came on this request's own stream
  // or that names its progress token. progressToken and ids are the client's again; a server
  // request keeps the id that answer() wants.
  virtual void on_message(jsonrpc::Message message) = 0;
  // The server closed this request's connection in order, to be polled for the rest (2025-11-25).
  virtual void on_polling() {}
  // The response, with the client's id. Last.
  virtual void on_response(jsonrpc::Message response) = 0;
  // No response will come. Last.
  virtual void on_lost(Loss loss, std::string detail) = 0;
};

class UpstreamExchange {
 public:
  virtual ~UpstreamExchange() = default;
  // Stops and restarts what is read for this request, where its transport can (a slow reader).
  virtual void pause() = 0;
  virtual void resume() = 0;
  // The caller's patience ended without an answer, and the exchange will be destroyed: what that
  // says of the server is for its transport to judge.
  virtual void timed_out() {}
};

// How the upstream was reached, learned by its handshake.
struct UpstreamHello {
  Era era = Era::kLegacy;
  std::vector<std::string> revisions;  // spoken, newest first; of one era
  std::string result;                  // raw InitializeResult or DiscoverResult
  // Of the other era, as its DiscoverResult lists them. Empty says nothing: many do not list them.
  std::vector<std::string> others{};
};

// How a client wants to speak with the server.
struct Opening {
  Era era = Era::kModern;
  // Legacy: the raw params of the client's initialize, capabilities masked (discover.h); may be
  // empty. They count only for the call that really shakes hands.
  std::string initialize_params{};
};

class Upstream {
 public:
  virtual ~Upstream() = default;

  // Connects and shakes hands when that has not happened; calls done with what was learned. May be
  // called again (after a death it starts anew, with back-off: kUpstreamUnavailable until then).
  // A server that does not speak the era asked for is opened in the other: the hello tells. One
  // connection speaks one era; what is open stays as it is.
  virtual void start(Opening opening, std::function<void(Result<UpstreamHello>)> done) = 0;

  struct Request {
    const jsonrpc::Message& message;  // the client's, names already those of the upstream
    http::Headers headers;            // HTTP only: mirrored fields, traceparent (request_headers.h)
    std::string idempotency_key;      // record id: `_meta` member, and Idempotency-Key on HTTP
    bool idempotent = false;          // the operator's word: may be sent again after a loss
    std::string traceparent{};        // put into `_meta`; empty: `_meta` keeps what it has
  };
  virtual std::unique_ptr<UpstreamExchange> request(const Request& request,
                                                    std::shared_ptr<WriteGate> gate,
                                                    std::shared_ptr<ExchangeEvents> events) = 0;
  // A client's notification. done: kWritten, kNotSent, ... as Loss; nullopt: handed over.
  virtual void notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate) = 0;
  // The answer to a request of the server: `id_text` is that of the server's request; `body` is the
  // raw result (or error, if is_error). `sent` is told whether it left.
  virtual void answer(const std::string& id_text, std::string_view body, bool is_error,
                      std::shared_ptr<WriteGate> gate, std::function<void(bool sent)> sent) = 0;

  // Requests and notifications of the server that belong to no exchange at hand (stdio, GET
  // stream).
  virtual void on_unsolicited(std::function<void(jsonrpc::Message)> handler) = 0;
  // The connection or process died, or its session was ended by the server; exchanges were told
  // before. start() may be called again.
  virtual void on_closed(std::function<void(std::string reason)> handler) = 0;
  // Ends in order: DELETE of a legacy HTTP session, closing stdin, then signals.
  virtual void close() = 0;
  virtual bool is_open() const = 0;
  // What start() would call `done` with; nullptr: not open, or not told without start().
  virtual const UpstreamHello* hello() const { return nullptr; }
};

}  // namespace pawl::mcp
