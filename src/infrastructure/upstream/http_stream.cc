#include "infrastructure/upstream/http_stream.h"

#include <utility>

#include "base/limit_stat.h"
#include "foundation/records/names.h"
#include "infrastructure/http/sse.h"

namespace pawl::mcp {
namespace {

LimitStat upstream_bytes("upstream_bytes");

}  // namespace

struct HttpStream::State : std::enable_shared_from_this<HttpStream::State> {
  State(std::size_t limit, OnEvent event, OnEnd end)
      : max_bytes(limit), decoder(limit), on_event(std::move(event)), on_end(std::move(end)) {}

  void head(int status, const http::Headers& headers) {
    answer.status = status;
    answer.session = headers.get(names::kFieldMcpSession).value_or("");
    const std::string_view type = headers.get("Content-Type").value_or("");
    answer.is_stream = status >= 200 && status < 300 &&
                       http::equal_ignoring_case(type.substr(0, 17), "text/event-stream");
  }

  void body(std::string_view bytes) {
    const auto self = shared_from_this();
    if (!answer.is_stream) {
      if (answer.body.size() + bytes.size() > max_bytes) {
        too_large();
      } else {
        answer.body.append(bytes);
      }
      return;
    }
    const Status fed = decoder.feed(bytes, [&](http::sse::Event event) {
      if (event.retry_ms) {
        answer.retry_ms = event.retry_ms;
      }
      const bool is_message = event.event.empty() || event.event == "message";
      if (on_event && is_message && !event.data.empty()) {
        const OnEvent handler = on_event;
        handler(std::move(event.data));
      }
    });
    if (!fed && on_end) {
      too_large();
    }
  }

  void too_large() {
    upstream_bytes.reached();
    exchange.reset();
    answer.too_large = true;
    answer.error =
        http::ClientError{http::ClientError::kSent,
                          {Code::kUpstreamFailed,
                           "the answer is larger than " + std::to_string(max_bytes) + " bytes"}};
    end();
  }

  void end() {
    const auto self = shared_from_this();
    answer.last_event_id = decoder.last_event_id();
    on_event = nullptr;
    if (const OnEnd handler = std::exchange(on_end, nullptr)) {
      handler(std::move(answer));
    }
  }

  const std::size_t max_bytes;
  http::sse::Decoder decoder;
  OnEvent on_event;  // empty: the owner is gone, or the end was told
  OnEnd on_end;
  HttpAnswer answer;
  bool sent_maybe = false;
  std::unique_ptr<http::ClientExchange> exchange;
};

HttpStream::HttpStream(http::ClientPool& pool, http::ClientRequest request,
                       std::shared_ptr<WriteGate> gate, std::size_t max_bytes, OnEvent on_event,
                       OnEnd on_end)
    : state_(std::make_shared<State>(max_bytes, std::move(on_event), std::move(on_end))) {
  State* state = state_.get();  // the exchange, which calls these, ends with it
  http::ClientEvents events;
  events.on_sent_maybe = [state] { state->sent_maybe = true; };
  events.on_head = [state](int status, const http::Headers& headers) {
    state->head(status, headers);
  };
  events.on_body = [state](std::string_view bytes) { state->body(bytes); };
  events.on_complete = [state] { state->end(); };
  events.on_error = [state](const http::ClientError& error) {
    state->answer.error = error;
    state->end();
  };
  state_->exchange = pool.start(std::move(request), std::move(gate), std::move(events));
}

HttpStream::~HttpStream() {
  state_->on_event = nullptr;
  state_->on_end = nullptr;
  state_->exchange.reset();
}

void HttpStream::redirect(OnEvent on_event, OnEnd on_end) {
  state_->on_event = std::move(on_event);
  state_->on_end = std::move(on_end);
}

const HttpAnswer& HttpStream::so_far() const {
  return state_->answer;
}

void HttpStream::pause() {
  if (state_->exchange != nullptr) {
    state_->exchange->pause_reading();
  }
}

void HttpStream::resume() {
  if (state_->exchange != nullptr) {
    state_->exchange->resume_reading();
  }
}

bool HttpStream::sent_maybe() const {
  return state_->sent_maybe;
}

}  // namespace pawl::mcp
