// The reading half of Exchange: from bytes to head, body and end.
#include <utility>

#include "infrastructure/http/client_exchange.h"

namespace pawl::http {

namespace {
constexpr int kMaxInterimAnswers = 16;
}  // namespace

void Exchange::read_some() {
  if (phase_ == Phase::kDone || connection_ == nullptr || paused_) {
    return;
  }
  ReadBuffer& input = connection_->input;
  char* space = input.space();
  const Io io = connection_->stream.read(space, input.space_size());
  switch (io.state) {
    case IoState::kDone:
      input.added(io.bytes);
      if (phase_ == Phase::kReadingBody) {
        set_stage_deadline(request_.timeouts.idle);
      }
      process();
      return;
    case IoState::kBlocked:
    case IoState::kBlockedOnRead:
      connection_->stream.want_read();
      return;
    case IoState::kBlockedOnWrite:
      connection_->stream.want_write();
      return;
    case IoState::kEnd:
      end_of_stream();
      return;
    case IoState::kFailed:
      fail_with(Code::kUpstreamFailed, "the connection broke before the answer's end");
      return;
  }
}

void Exchange::process() {
  if (processing_ || phase_ == Phase::kDone || connection_ == nullptr) {
    return;
  }
  const std::shared_ptr<ClientConnection> connection = connection_;  // callbacks may abort
  processing_ = true;
  while (phase_ != Phase::kDone && !paused_ && !connection->input.empty() && step()) {
  }
  processing_ = false;
  if (phase_ != Phase::kDone && !paused_) {
    connection->stream.want_read();
  }
}

// One parsed element: a head, or a piece of the body.
bool Exchange::step() {
  ClientConnection& connection = *connection_;
  const auto deliver = [this](std::string_view bytes) {
    if (events_.on_body && phase_ != Phase::kDone) {
      events_.on_body(bytes);
    }
  };
  const Fed fed = connection.parser.feed(connection.input.data(), deliver);
  if (phase_ == Phase::kDone) {
    return false;
  }
  connection.input.consume(fed.consumed);
  if (fed.state > ParseState::kDone) {
    fail_with(Code::kUpstreamFailed, fed.state == ParseState::kHeaderTooLarge
                                         ? "the answer's header is too large"
                                         : "the answer is not valid HTTP/1.1");
    return false;
  }
  if (phase_ == Phase::kWaitingForHead && connection.parser.header_done()) {
    if (!head_arrived()) {
      return phase_ != Phase::kDone;
    }
  }
  if (fed.state == ParseState::kDone) {
    complete();
    return false;
  }
  if (fed.consumed == 0) {
    if (connection.input.full()) {
      fail_with(Code::kUpstreamFailed, "the answer is not valid HTTP/1.1: a line without end");
    }
    return false;
  }
  return true;
}

// False when it was an interim answer, or the exchange ended.
bool Exchange::head_arrived() {
  ResponseParser& parser = connection_->parser;
  const int status = parser.status();
  if (status >= 100 && status < 200) {
    if (status == 101 || ++interim_answers_ > kMaxInterimAnswers) {
      fail_with(Code::kUpstreamFailed, "unexpected interim answer " + std::to_string(status));
    } else {
      parser.reset(request_.method == "HEAD");
    }
    return false;
  }
  phase_ = Phase::kReadingBody;
  set_stage_deadline(request_.timeouts.idle);
  if (events_.on_head) {
    events_.on_head(status, parser.headers());
  }
  return phase_ != Phase::kDone;
}

void Exchange::end_of_stream() {
  if (connection_->parser.end_of_stream() == ParseState::kDone) {
    complete();
    return;
  }
  fail_with(Code::kUpstreamFailed, phase_ == Phase::kWaitingForHead
                                       ? "the server closed the connection without an answer"
                                       : "the server closed the connection in mid-answer");
}

void Exchange::complete() {
  const bool reusable = connection_->parser.keep_alive() && queue_.empty() && !write_failed_ &&
                        connection_->input.empty();
  std::shared_ptr<ClientConnection> idle;
  if (reusable) {
    idle = std::exchange(connection_, nullptr);
  }
  release();
  const std::shared_ptr<ClientContext> context = context_;
  const ClientEvents events = std::move(events_);
  if (events.on_complete) {
    events.on_complete();  // first: somebody waits for it
  }
  if (idle) {
    context->idle.put(std::move(idle));
  }
}

void Exchange::fail_with(Code code, std::string message) {
  release();
  if (code == Code::kUpstreamFailed && !sent_maybe_) {
    code = Code::kUpstreamUnavailable;
  }
  const ClientEvents events = std::move(events_);
  if (events.on_error) {
    events.on_error({sent_maybe_ ? ClientError::kSent : ClientError::kNotSent,
                     Error{code, std::move(message)}});
  }
}

}  // namespace pawl::http
