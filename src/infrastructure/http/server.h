// An HTTP/1.1 server on one event loop.
//
// Purpose:    keep-alive and pipelined requests in, whole or streamed answers out, each write
//             through the gate it was given, every queue and wait bounded.
// Threading:  all of it on the loop's thread: handler, writer, callbacks.
// Ownership:  the server outlives nothing: destroying it closes its connections, and writers that
//             are still held become no-ops. A handler may keep its writer and answer later.
// Errors:     bad requests are answered here (400, 408, 413, 431, 503, 505) and counted; the
//             handler never sees them.
// Not errors: a client that leaves (on_disconnect); writing to a connection that is gone.
// Source:     RFC 9110, RFC 9112. Both Content-Length and Transfer-Encoding, a repeated
//             Content-Length, a folded header line, or a transfer coding other than a single
//             "chunked" are refused (request smuggling); HTTP/2 is not spoken.
//
// Example:
//   auto server = http::Server::listen(loop, {.address = "127.0.0.1:0"},
//       [](http::Request request, std::shared_ptr<http::ResponseWriter> writer) {
//         writer->send({200, {{"Content-Type", "text/plain"}}, "hello " + request.path});
//       });
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/write_gate.h"
#include "infrastructure/http/message.h"
#include "infrastructure/net/descriptors.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/output_budget.h"
#include "infrastructure/net/tls.h"

namespace pawl::http {

// The one answer to one request. Either send*(), or start_stream(), write()..., finish().
// Dropped without an answer it sends 500; dropped in the middle of a stream it aborts.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  virtual void send(Response response) = 0;
  // Every socket write of the answer, its head included, happens inside gate->pass(). When the gate
  // refuses, what is left is dropped and the connection is closed.
  virtual void send_gated(Response response, std::shared_ptr<WriteGate> gate) = 0;

  // A chunked answer (server-sent events). The head is not gated.
  virtual void start_stream(int status, Headers headers) = 0;
  // Queues one chunk; an empty one is skipped. Does not refuse: a producer past
  // ServerOptions::max_queued_bytes waits for on_drained, or the memory is its own fault.
  virtual void write(std::string bytes, std::shared_ptr<WriteGate> gate = nullptr) = 0;
  virtual void finish() = 0;
  virtual void abort() = 0;  // closes the connection, drops what is queued

  // Says whom this connection serves, until the answer has been written: of whom the budget for
  // output is taken, too. False: max_connections_per_holder of them are under way already; the
  // request is still to be answered.
  virtual bool charge(const std::string& holder) = 0;

  virtual bool is_open() const = 0;  // false after the answer's end, and once the client is gone
  virtual std::size_t queued_bytes() const = 0;  // accepted by write() or send(), not by the kernel
  // `handler` is called once, later, when queued_bytes() has fallen below half of max_queued_bytes
  // (also when it already is). Replaces an earlier handler. Never called on a dead connection.
  virtual void on_drained(std::function<void()> handler) = 0;
  // `handler` is called once, later, when the connection ends or the client's side closes (FIN)
  // before the last byte of the answer was handed to the kernel: the client left, write_timeout
  // passed, or a gate refused. Not after abort(). After a FIN alone the answer can still be written
  // for clients that close one side; who will not serve those calls abort().
  virtual void on_disconnect(std::function<void()> handler) = 0;
};

using Handler = std::function<void(Request, std::shared_ptr<ResponseWriter>)>;

// What is decided of a request at the end of its header, before its body is read.
struct Entrance {
  std::optional<Response> refusal{};  // sent at once; the body is not read, the connection closes
  std::string holder{};               // who is charged for the body's bytes while it is unfinished
};
using HeadCheck = std::function<Entrance(const Request& head)>;

struct TlsServerOptions {
  std::string certificate_file{};  // PEM chain, leaf first
  std::string key_file{};          // PEM
  std::string client_ca_file{};    // PEM; empty: no client certificates are asked for
  bool require_client_certificate = false;
  ClientTrust client_trust{};  // asked for what that file does not vouch for; empty: nobody
};

struct ServerOptions {
  std::string address = "127.0.0.1:0";  // "127.0.0.1:7700", "[::1]:7700", "unix:/run/pawl.sock"
  unsigned unix_mode = 0600;            // permission bits of a Unix socket
  std::optional<TlsServerOptions> tls{};
  DescriptorUse descriptors = DescriptorUse::kAgents;
  std::size_t max_header_bytes = 16 * 1024;      // 431
  std::size_t max_body_bytes = 4 * 1024 * 1024;  // 413
  // Of all bodies that have begun and are not complete. Over it the newest one of the holder with
  // the most bytes gets 503.
  std::size_t max_unfinished_bytes = 64 * 1024 * 1024;
  std::size_t max_queued_bytes = 256 * 1024;         // of one answer; see on_drained
  std::size_t max_connections = 1024;                // one that waits makes room, else 503
  std::size_t max_connections_per_holder = 0;        // with an answer under way; 0: no limit
  std::shared_ptr<OutputBudget> output{};            // for what waits for readers; null: none
  std::chrono::milliseconds header_timeout{10'000};  // first byte of a request to end of header
  std::chrono::milliseconds body_timeout{30'000};    // end of header to end of body
  std::chrono::milliseconds idle_timeout{60'000};    // between requests
  std::chrono::milliseconds write_timeout{30'000};   // without progress on a pending write
  // Asked when a header is complete and its body is not. Requests that arrived whole go to the
  // handler at once, which has to check them all the same. Empty: nothing is refused so.
  HeadCheck head_check{};
};

// Totals since listen().
struct ServerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused_full = 0;        // 503, or closed at once
  std::uint64_t closed_for_room = 0;     // waiting connections that gave their place to a new one
  std::uint64_t out_of_descriptors = 0;  // none left, or none of this use; see Listener
  std::uint64_t requests = 0;
  std::uint64_t bad_request = 0;        // 400, 505
  std::uint64_t header_too_large = 0;   // 431
  std::uint64_t body_too_large = 0;     // 413
  std::uint64_t refused_at_header = 0;  // by head_check
  std::uint64_t unfinished_shed = 0;    // 503, over max_unfinished_bytes
  std::uint64_t timeouts = 0;           // 408, and connections closed by write_timeout
  std::uint64_t disconnects = 0;        // clients that left before their answer was complete
  std::uint64_t tls_failures = 0;       // handshakes
  std::uint64_t gate_refusals = 0;      // answers cut by their gate
  std::uint64_t output_shed = 0;        // answers cut because too much waited to be read
};

class Server {
 public:
  // Errors: kInvalidParams (address, or TLS files that do not fit), kConflict (in use), kIo.
  static Result<std::unique_ptr<Server>> listen(EventLoop& loop, const ServerOptions& options,
                                                Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;  // 0 for a Unix socket
  void stop_accepting();       // open connections go on; answers then say Connection: close
  void close_idle();           // closes connections on which no request is under way
  std::size_t open_connections() const;
  std::size_t unfinished_bytes() const;  // of bodies that are being read
  const ServerCounters& counters() const;

  struct Impl;  // for the .cc files of this folder only

 private:
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::http
