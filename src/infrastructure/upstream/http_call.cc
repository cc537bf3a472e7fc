#include "infrastructure/upstream/http_call.h"

#include <algorithm>
#include <array>
#include <utility>

#include "infrastructure/jsonrpc/error_table.h"

namespace pawl::mcp {

namespace {

// Statuses by which a server or a proxy says that it did not take the request.
constexpr std::array kRefusals = {400, 401, 403, 404, 405, 406, 413, 415, 421, 429};

constexpr std::uint64_t kResumeMs = 1'000;
constexpr std::uint64_t kMaxResumeMs = 30'000;

bool is_refusal(int status) {
  return std::find(kRefusals.begin(), kRefusals.end(), status) != kRefusals.end();
}

bool is_answer(const jsonrpc::Message& message) {
  return message.kind == jsonrpc::Kind::kResponse || message.kind == jsonrpc::Kind::kErrorResponse;
}

Loss loss_of(const http::ClientError& error) {
  if (error.stage == http::ClientError::kNotSent) {
    return Loss::kNotSent;
  }
  switch (error.error.code) {
    case Code::kDeadlineExceeded:
      return Loss::kTimeout;
    case Code::kStopped:
      return Loss::kStopped;
    default:
      return Loss::kConnection;
  }
}

}  // namespace

void HttpCall::send(http::ClientRequest request) {
  stream_ = std::make_unique<HttpStream>(
      link_.pool, std::move(request), sent_ ? link_.options.plumbing : gate_,
      link_.options.max_bytes, [this](const std::string& data) { on_event(data); },
      [this](HttpAnswer answer) { on_end(std::move(answer)); });
  if (paused_) {
    stream_->pause();
  }
}

std::shared_ptr<ExchangeEvents> HttpCall::finish() {
  resume_timer_.cancel();
  link_.forget(ids.id);
  return std::exchange(events_, nullptr);
}

void HttpCall::message(jsonrpc::Message message) {
  if (const std::shared_ptr<ExchangeEvents> events = events_) {
    events->on_message(std::move(message));
  }
}

void HttpCall::respond(jsonrpc::Message response) {
  const auto self = shared_from_this();
  if (std::exchange(link_.unreachable, false)) {
    tell(link_.options.watch, UpstreamEvent::kStarted);
  }
  if (stream_ != nullptr) {
    link_.drain(std::move(stream_));
  }
  if (const auto events = finish()) {
    events->on_response(restored_response(std::move(response), ids));
  }
}

void HttpCall::lost(Loss loss, std::string detail) {
  const auto self = shared_from_this();
  stream_.reset();
  if (const auto events = finish()) {
    events->on_lost(loss, "server " + link_.options.name + ": " + std::move(detail));
  }
}

void HttpCall::cut(const std::string& why) {
  lost(sent() ? Loss::kConnection : Loss::kNotSent, why);
}

void HttpCall::on_event(const std::string& data) {
  const auto self = shared_from_this();
  resumes_ = 0;
  if (events_ == nullptr) {
    return;
  }
  Result<jsonrpc::Message> message = jsonrpc::decode(data);
  if (!message) {
    ++link_.counters.garbage;
    if (number_of(jsonrpc::salvage_id(data)) == ids.id) {
      lost(Loss::kGarbage, "its answer is no JSON-RPC message");
    }
    return;
  }
  if (!is_answer(*message)) {
    link_.route(std::move(*message), this);
  } else if (number_of(message->id_text) == ids.id) {
    respond(std::move(*message));
  } else {
    ++link_.counters.unknown;
  }
}

void HttpCall::on_end(HttpAnswer answer) {
  const auto self = shared_from_this();
  sent_ = sent() || answer.status != 0;
  stream_.reset();
  if (events_ == nullptr) {
    return;
  }
  if (answer.error || answer.is_stream) {
    on_broken(answer);
  } else {
    on_body(std::move(answer));
  }
}

void HttpCall::on_body(HttpAnswer answer) {
  const auto self = shared_from_this();
  Result<jsonrpc::Message> message = jsonrpc::decode(std::move(answer.body));
  const bool is_error = message && message->kind == jsonrpc::Kind::kErrorResponse;
  const bool is_ours = message && is_answer(*message) && number_of(message->id_text) == ids.id;
  if (is_ours && !is_error && !answer.ok()) {
    ++link_.counters.garbage;
    lost(Loss::kGarbage, "a result with HTTP " + std::to_string(answer.status));
    return;
  }
  if (is_ours) {
    respond(std::move(*message));
    if (answer.status == 404 && link_.has_session()) {
      link_.session_gone();
    }
    return;
  }
  if (is_error && message->id_text.empty() && answer.status >= 400 && answer.status < 500 &&
      !(answer.status == 404 && link_.has_session())) {
    // An error that could not read our id; on this stream it can mean no other request.
    message = jsonrpc::decode(jsonrpc::error_response(
        std::to_string(ids.id), message->error ? message->error->of(message->text) : "{}"));
    if (message) {
      respond(std::move(*message));
      return;
    }
  }
  if (is_refusal(answer.status) && last_event_id_.empty()) {
    refuse(answer.status);
  } else if (answer.status == 404 && link_.has_session()) {
    link_.session_gone();
  } else if (answer.ok()) {
    ++link_.counters.garbage;
    lost(Loss::kGarbage, "its answer is no JSON-RPC response to the request");
  } else {
    lost(answer.status < 400 ? Loss::kGarbage : Loss::kConnection,
         "HTTP " + std::to_string(answer.status));
  }
}

void HttpCall::refuse(int status) {
  const auto self = shared_from_this();
  ++link_.counters.refusals;
  const bool gone = status == 404 && link_.has_session();
  const std::string text = gone ? "the server ended the session: HTTP 404"
                                : "the server refused: HTTP " + std::to_string(status);
  Result<jsonrpc::Message> error = jsonrpc::decode(jsonrpc::error_response(
      std::to_string(ids.id),
      jsonrpc::error_object(jsonrpc::error_row(Code::kUpstreamUnavailable).rpc_code, text)));
  if (error) {
    respond(std::move(*error));
  }
  if (gone) {
    link_.session_gone();
  }
}

// The stream ended before the response: a legacy one can be read on from its last event.
void HttpCall::on_broken(const HttpAnswer& answer) {
  if (!answer.last_event_id.empty()) {
    last_event_id_ = answer.last_event_id;
  }
  if (!answer.too_large && sent_ && !last_event_id_.empty() && link_.legacy() && link_.is_open() &&
      resumes_ < link_.options.max_resumes) {
    const std::uint64_t wait = std::min(answer.retry_ms.value_or(kResumeMs), kMaxResumeMs);
    ++resumes_;
    if (!answer.error && events_ != nullptr) {
      events_->on_polling();
    }
    resume_timer_ = link_.loop.after(std::chrono::milliseconds(wait), [this] {
      ++link_.counters.resumes;
      send(link_.get(last_event_id_));
    });
    return;
  }
  if (!answer.error) {
    lost(Loss::kConnection, "the stream ended before the response");
    return;
  }
  const Error& error = answer.error->error;
  if (!answer.too_large && error.code != Code::kStopped) {
    link_.unreachable = true;
    tell(link_.options.watch, UpstreamEvent::kClosed, error.message);
  }
  const Loss loss = loss_of(*answer.error);
  lost(sent_ && loss == Loss::kNotSent ? Loss::kConnection : loss, error.message);
}

void HttpCall::abandon() {
  const auto self = shared_from_this();
  if (events_ == nullptr) {
    return;
  }
  const bool was_sent = sent();
  finish();
  stream_.reset();
  if (was_sent && link_.legacy()) {
    link_.cancel(ids.id);
  }
}

void HttpCall::pause() {
  paused_ = true;
  if (stream_ != nullptr) {
    stream_->pause();
  }
}

void HttpCall::resume() {
  paused_ = false;
  if (stream_ != nullptr) {
    stream_->resume();
  }
}

}  // namespace pawl::mcp
