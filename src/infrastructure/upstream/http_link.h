// The state behind an HttpUpstream: session, open calls, small requests under way.
// Threading: the loop's own thread. Ownership: calls and errands hold it weakly or by raw pointer
// and end with it; entry points hold a reference, so that a callback may destroy the upstream.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infrastructure/upstream/exchange_ids.h"
#include "infrastructure/upstream/handshake.h"
#include "infrastructure/upstream/http_stream.h"
#include "infrastructure/upstream/http_upstream.h"

namespace pawl::mcp {

class HttpCall;

class HttpLink : public std::enable_shared_from_this<HttpLink> {
 public:
  using Done = std::function<void(Result<UpstreamHello>)>;

  HttpLink(EventLoop& event_loop, http::ClientPool& client_pool, HttpOptions link_options);
  ~HttpLink();

  void start(Opening opening, Done done);
  std::shared_ptr<HttpCall> request(const Upstream::Request& request,
                                    std::shared_ptr<WriteGate> gate,
                                    std::shared_ptr<ExchangeEvents> events);
  void notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate);
  void answer(const std::string& id_text, std::string_view body, bool is_error,
              std::shared_ptr<WriteGate> gate, std::function<void(bool)> sent);
  void close();
  bool is_open() const { return state_ == State::kOpen; }
  const UpstreamHello* hello() const { return is_open() ? &hello_ : nullptr; }

  // For calls and the GET stream.
  bool legacy() const { return hello_.era == Era::kLegacy; }
  bool has_session() const { return !session_.empty(); }
  http::ClientRequest post(std::string body, const http::Headers& headers,
                           std::string_view idempotency_key = {}) const;
  http::ClientRequest get(const std::string& last_event_id) const;
  void forget(std::int64_t id) { calls_.erase(id); }
  void cancel(std::int64_t id);  // tells a legacy server
  void session_gone();
  void drain(std::unique_ptr<HttpStream> stream);
  // A notification or request on any stream; `own`: the call whose stream it came on, or null.
  void route(jsonrpc::Message message, HttpCall* own);

  EventLoop& loop;
  http::ClientPool& pool;
  const HttpOptions options;
  HttpCounters counters;
  bool unreachable = false;  // told the watch that a call found no server
  std::function<void(jsonrpc::Message)> unsolicited;
  std::function<void(std::string)> closed;

 private:
  enum class State { kClosed, kStarting, kOpen };
  // A request whose answer matters little, or the rest of a stream after its response.
  struct Errand {
    std::unique_ptr<HttpStream> stream;
    Timer patience;
  };
  using Place = std::list<Errand>::iterator;

  // http_start.cc
  void probe();
  void initialize();
  // The other era is tried, once.
  void not_modern();
  void not_legacy(Error error);
  void on_probe(const HttpAnswer& answer);
  void on_initialize(const HttpAnswer& answer);
  void on_initialized(const HttpAnswer& answer);
  void opened();
  void fail_start(Error error);
  void end_start(Error error);
  void finish_start(const Result<UpstreamHello>& result);
  // One step of the handshake; `then` gets the response as its body, however it came.
  void ask(std::string body, const http::Headers& headers, std::chrono::milliseconds timeout,
           void (HttpLink::*then)(const HttpAnswer&));
  void end_session();

  // http_link.cc
  void end_calls(const std::string& reason);
  bool run_errand(std::string body, std::shared_ptr<WriteGate> gate,
                  std::function<void(bool sent)> sent);
  std::int64_t next_id() { return ++last_id_; }

  // http_listen.cc
  void listen();
  void on_listen_event(const std::string& data);
  void on_listen_end(const HttpAnswer& answer);

  State state_ = State::kClosed;
  UpstreamHello hello_;
  std::string session_;
  BackOff back_off_;
  std::string last_failure_;  // of a start, for whoever is told to wait
  Opening opening_;
  std::optional<Error> not_legacy_;  // why initialize failed, while the other era is tried
  std::vector<Done> waiting_;
  std::unique_ptr<HttpStream> handshake_;
  Timer start_timer_;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, std::shared_ptr<HttpCall>> calls_;
  std::list<Errand> errands_;
  std::unique_ptr<HttpStream> listening_;
  std::string listen_event_id_;
  BackOff listen_back_off_;
  Timer listen_timer_;
};

}  // namespace pawl::mcp
