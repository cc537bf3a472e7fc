// The traffic of an HTTP server: requests, small errands, and who a message belongs to.
#include "infrastructure/upstream/http_link.h"

#include <utility>

#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/records/names.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/upstream/http_call.h"

namespace pawl::mcp {

namespace {
constexpr std::string_view kCancelled = "notifications/cancelled";
LimitStat upstream_exchanges("upstream_exchanges");

}  // namespace

HttpLink::HttpLink(EventLoop& event_loop, http::ClientPool& client_pool, HttpOptions link_options)
    : loop(event_loop),
      pool(client_pool),
      options(std::move(link_options)),
      back_off_(options.back_off),
      listen_back_off_(options.back_off) {}

HttpLink::~HttpLink() = default;

http::ClientRequest HttpLink::post(std::string body, const http::Headers& headers,
                                   std::string_view idempotency_key) const {
  http::ClientRequest request;
  request.url = options.url;
  request.method = "POST";
  request.body = std::move(body);
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", "application/json, text/event-stream"}};
  if (!hello_.revisions.empty()) {
    request.headers.set(names::kFieldMcpVersion, hello_.revisions.front());
  }
  for (const http::Field& field : headers) {
    request.headers.set(field.name, field.value);
  }
  if (!idempotency_key.empty()) {
    request.headers.set(names::kFieldIdempotency, idempotency_key);
  }
  if (!session_.empty()) {
    request.headers.set(names::kFieldMcpSession, session_);
  }
  for (const http::Field& field : options.headers) {
    request.headers.set(field.name, field.value);
  }
  return request;
}

http::ClientRequest HttpLink::get(const std::string& last_event_id) const {
  http::ClientRequest request = post({}, {});
  request.method = "GET";
  request.headers.remove("Content-Type");
  request.headers.set("Accept", "text/event-stream");
  if (!last_event_id.empty()) {
    request.headers.set("Last-Event-ID", last_event_id);
  }
  return request;
}

std::shared_ptr<HttpCall> HttpLink::request(const Upstream::Request& request,
                                            std::shared_ptr<WriteGate> gate,
                                            std::shared_ptr<ExchangeEvents> events) {
  auto call = std::make_shared<HttpCall>(*this, ids_of(request.message, next_id()), std::move(gate),
                                         std::move(events));
  if (!is_open() || calls_.size() >= options.max_open) {
    if (is_open()) {
      upstream_exchanges.reached();
    }
    const std::string why = is_open() ? "too many open calls" : "not connected";
    loop.post([self = shared_from_this(), call, why] { call->lost(Loss::kNotSent, why); });
    return call;
  }
  calls_.emplace(call->ids.id, call);
  call->send(
      post(outgoing(request.message, call->ids, request.idempotency_key, request.traceparent),
           request.headers, request.idempotency_key));
  return call;
}

bool HttpLink::run_errand(std::string body, std::shared_ptr<WriteGate> gate,
                          std::function<void(bool)> sent) {
  if (errands_.size() >= options.max_errands) {
    ++counters.dropped;
    return false;
  }
  const Place place = errands_.emplace(errands_.end());
  http::ClientRequest request = post(std::move(body), {});
  request.timeouts.total = options.start_timeout;
  place->stream = std::make_unique<HttpStream>(
      pool, std::move(request), std::move(gate), options.max_bytes, nullptr,
      [this, place, sent = std::move(sent)](const HttpAnswer& answer) {
        const auto self = shared_from_this();
        errands_.erase(place);
        if (sent) {
          sent(!answer.error || answer.error->stage == http::ClientError::kSent);
        }
        if (answer.status == 404 && self->has_session()) {
          self->session_gone();
        }
      });
  return true;
}

void HttpLink::drain(std::unique_ptr<HttpStream> stream) {
  if (errands_.size() >= options.max_errands) {
    return;  // its connection is closed instead of kept
  }
  const Place place = errands_.emplace(errands_.end());
  place->stream = std::move(stream);
  place->stream->resume();
  place->stream->redirect([this](const std::string&) { ++counters.late; },
                          [this, place](const HttpAnswer&) { errands_.erase(place); });
  place->patience = loop.after(options.drain, [this, place] { errands_.erase(place); });
}

void HttpLink::notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate) {
  if (!is_open() || !legacy() || message.method == kCancelled) {
    ++counters.dropped;  // modern HTTP has no notifications of clients
    return;
  }
  run_errand(without_forged_keys(message.text), std::move(gate), {});
}

void HttpLink::answer(const std::string& id_text, std::string_view body, bool is_error,
                      std::shared_ptr<WriteGate> gate, std::function<void(bool)> sent) {
  std::string text =
      is_error ? jsonrpc::error_response(id_text, body) : jsonrpc::response(id_text, body);
  if (is_open() && legacy() && run_errand(std::move(text), std::move(gate), sent)) {
    return;
  }
  if (sent) {
    loop.post([sent = std::move(sent)] { sent(false); });
  }
}

void HttpLink::cancel(std::int64_t id) {
  if (is_open()) {
    run_errand(jsonrpc::notification(kCancelled, R"({"requestId":)" + std::to_string(id) + "}"),
               options.plumbing, {});
  }
}

void HttpLink::route(jsonrpc::Message message, HttpCall* own) {
  if (message.kind == jsonrpc::Kind::kRequest) {
    if (!legacy()) {
      ++counters.garbage;  // that era has no requests of servers
      return;
    }
    if (message.method == "ping") {
      run_errand(jsonrpc::response(message.id_text, "{}"), options.plumbing, {});
      return;
    }
  } else if (const auto named = named_exchange(message);
             named || message.method == "notifications/progress") {
    const auto found = named ? calls_.find(*named) : calls_.end();
    if (found == calls_.end()) {
      ++counters.late;
      return;
    }
    const std::shared_ptr<HttpCall> call = found->second;
    if (auto restored = restored_notification(std::move(message), call->ids)) {
      call->message(std::move(*restored));
    } else {
      ++counters.dropped;
    }
    return;
  }
  if (own != nullptr) {
    own->message(std::move(message));
  } else if (unsolicited) {
    unsolicited(std::move(message));
  } else {
    ++counters.dropped;
  }
}

void HttpLink::end_calls(const std::string& reason) {
  for (const auto& [id, call] : std::exchange(calls_, {})) {
    call->cut(reason);
  }
}

void HttpLink::session_gone() {
  if (state_ != State::kOpen) {
    return;
  }
  const auto self = shared_from_this();
  const std::string reason = "the server ended the session";
  log(LogLevel::kInfo, "upstream_session_ended", {{"server", options.name}});
  tell(options.watch, UpstreamEvent::kClosed, reason);
  state_ = State::kClosed;
  session_.clear();
  listening_.reset();
  listen_timer_.cancel();
  end_calls(reason);
  if (closed) {
    closed(reason);
  }
}

}  // namespace pawl::mcp
