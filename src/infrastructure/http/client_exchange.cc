#include "infrastructure/http/client_exchange.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "infrastructure/http/head.h"

namespace pawl::http {

namespace {

bool written_here(std::string_view name) {
  return equal_ignoring_case(name, "Host") || equal_ignoring_case(name, "Content-Length") ||
         equal_ignoring_case(name, "Connection");
}

}  // namespace

Exchange::Exchange(std::shared_ptr<ClientContext> context, ClientRequest request,
                   std::shared_ptr<WriteGate> gate, ClientEvents events)
    : context_(std::move(context)),
      request_(std::move(request)),
      gate_(std::move(gate)),
      events_(std::move(events)),
      deadline_(context_->deadlines, [this] { on_deadline(); }) {}

void Exchange::start() {
  if (request_.timeouts.total.count() > 0) {
    total_deadline_ = Deadlines::Clock::now() + request_.timeouts.total;
  }
  context_->loop.post([self = shared_from_this()] { self->begin(); });
}

void Exchange::begin() {
  if (phase_ == Phase::kDone) {
    return;
  }
  if (const Status checked = check_request(); !checked) {
    fail_with(checked.error().code, checked.error().message);
    return;
  }
  std::shared_ptr<ClientConnection> idle =
      context_->idle.take(url_->origin, context_->counters.stale);
  if (idle == nullptr) {
    connect();
    return;
  }
  reused_ = true;
  ++context_->counters.reused;
  idle->stream.set_events(*this);
  use(std::move(idle));
}

Status Exchange::check_request() {
  Result<std::shared_ptr<const Url>> url = context_->url_of(request_.url);
  if (!url) {
    return fail(url.error());
  }
  url_ = *std::move(url);
  if (!is_token(request_.method) || request_.method == "CONNECT") {
    return fail(Code::kInvalidRequest, "method \"" + request_.method + "\" can't be sent");
  }
  for (const Field& field : request_.headers) {
    if (!is_token(field.name) || !is_field_value(field.value) ||
        equal_ignoring_case(field.name, "Transfer-Encoding")) {
      return fail(Code::kInvalidRequest,
                  "header \"" + std::string(field.name) + "\" can't be sent");
    }
  }
  if (url_->tls && !context_->tls()) {
    return fail(Code::kUpstreamUnavailable, context_->tls().error().message);
  }
  return {};
}

void Exchange::connect() {
  phase_ = Phase::kConnecting;
  set_stage_deadline(request_.timeouts.connect);
  connector_ =
      std::make_unique<Connector>(context_->loop, url_->host, url_->port, [this](Result<int> fd) {
        const auto self = shared_from_this();
        connector_.reset();
        if (!fd) {
          fail_with(fd.error().code, fd.error().message);
          return;
        }
        connected(fd.value());
      });
}

void Exchange::connected(int fd) {
  ++context_->counters.connections;
  auto connection = std::make_shared<ClientConnection>(
      context_->loop, fd, *this, context_->idle, url_->origin, context_->options.max_header_bytes);
  if (!url_->tls) {
    use(std::move(connection));
    return;
  }
  std::unique_ptr<TlsSession> session = context_->tls().value()->connect(fd, url_->host);
  if (session == nullptr) {
    fail_with(Code::kUpstreamUnavailable, "TLS session for " + url_->host + " failed");
    return;
  }
  connection->stream.start_tls(std::move(session));
  connection_ = std::move(connection);
  phase_ = Phase::kHandshake;
  handshake();
}

void Exchange::handshake() {
  Stream& stream = connection_->stream;
  switch (stream.tls()->handshake().state) {
    case IoState::kDone:
      use(std::move(connection_));
      return;
    case IoState::kBlocked:
    case IoState::kBlockedOnRead:
      stream.want_read();
      return;
    case IoState::kBlockedOnWrite:
      stream.want_write();
      return;
    case IoState::kEnd:
    case IoState::kFailed:
      fail_with(Code::kUpstreamUnavailable,
                "TLS with " + url_->authority + ": " + stream.tls()->problem());
      return;
  }
}

void Exchange::use(std::shared_ptr<ClientConnection> connection) {
  connection_ = std::move(connection);
  connection_->input.clear();
  connection_->parser.reset(request_.method == "HEAD");
  phase_ = Phase::kWaitingForHead;
  set_stage_deadline(request_.timeouts.first_byte);
  if (queue_.empty()) {  // else it still holds all of the request, after a stale connection
    queue_.push(request_head(), gate_);
    queue_.push(std::move(request_.body), gate_);
  }
  context_->loop.sends().add(shared_from_this());
  if (!paused_) {
    connection_->stream.want_read();
  }
}

std::string Exchange::request_head() const {
  std::string head;
  head.reserve(256);
  head.append(request_.method).append(" ").append(url_->target).append(" HTTP/1.1\r\nHost: ");
  head.append(url_->authority).append("\r\n");
  for (const Field& field : request_.headers) {
    if (!written_here(field.name)) {
      head.append(field.name).append(": ").append(field.value).append("\r\n");
    }
  }
  const std::string& method = request_.method;
  const bool has_body =
      !request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (has_body) {
    head.append("Content-Length: ").append(std::to_string(request_.body.size())).append("\r\n");
  }
  head.append("\r\n");
  return head;
}

Sender::Socket Exchange::to_send() {
  const bool plain = connection_ != nullptr && connection_->stream.tls() == nullptr;
  return {plain ? connection_->stream.fd() : -1, &queue_};
}

void Exchange::flush() {
  if (write_failed_ || connection_ == nullptr) {
    return;
  }
  const std::uint64_t before = queue_.written();
  const auto write = [this](const iovec* parts, int count) {
    return connection_->stream.write(parts, count);
  };
  sent(queue_.flush(write), before);
}

void Exchange::sent(GatedQueue::Flushed flushed, std::uint64_t /*before*/) {
  if (connection_ == nullptr) {
    return;  // aborted meanwhile
  }
  Stream& stream = connection_->stream;
  const bool partial = stream.tls() != nullptr && stream.tls()->write_may_be_partial();
  if (!sent_maybe_ && (queue_.written() > 0 || partial)) {
    sent_maybe_ = true;
    if (events_.on_sent_maybe) {
      events_.on_sent_maybe();
    }
    if (phase_ == Phase::kDone) {
      return;  // aborted from within
    }
  }
  switch (flushed) {
    case GatedQueue::Flushed::kAll:
      return;
    case GatedQueue::Flushed::kBlocked:
      stream.want_write();
      return;
    case GatedQueue::Flushed::kBlockedOnRead:
      stream.want_read();
      return;
    case GatedQueue::Flushed::kRefused:
      fail_with(Code::kStopped, "the call was stopped while its request was being written");
      return;
    case GatedQueue::Flushed::kFailed:
      write_failed();
      return;
  }
}

void Exchange::write_failed() {
  if (!sent_maybe_ && reused_) {
    // The server had closed it, and no byte left: the one case in which trying again is not
    // sending twice.
    ++context_->counters.stale;
    reused_ = false;
    connection_.reset();
    connect();
    return;
  }
  // A server may answer early and close; what it said is still to be read.
  queue_.clear();
  write_failed_ = true;
}

void Exchange::on_readable() {
  const auto self = shared_from_this();
  if (phase_ == Phase::kHandshake) {
    handshake();
    return;
  }
  if (connection_->stream.tls() != nullptr && !queue_.empty()) {
    flush();
  }
  read_some();
}

void Exchange::on_writable() {
  const auto self = shared_from_this();
  if (phase_ == Phase::kHandshake) {
    handshake();
    return;
  }
  if (!queue_.empty()) {
    flush();
  }
  if (connection_ != nullptr && connection_->stream.tls() != nullptr) {
    read_some();
  }
}

void Exchange::release() {
  phase_ = Phase::kDone;
  deadline_.clear();
  connector_.reset();
  queue_.clear();
  if (connection_ != nullptr) {
    connection_->stream.close();
    connection_.reset();
  }
}

void Exchange::abort() {
  if (phase_ != Phase::kDone) {
    release();
  }
}

void Exchange::pause() {
  paused_ = true;
  if (phase_ == Phase::kReadingBody) {
    set_stage_deadline(std::chrono::milliseconds{0});
    connection_->stream.unwant_read();
  }
}

void Exchange::resume() {
  if (!std::exchange(paused_, false) || phase_ == Phase::kDone) {
    return;
  }
  if (phase_ == Phase::kReadingBody) {
    set_stage_deadline(request_.timeouts.idle);
  }
  context_->loop.post([self = shared_from_this()] {
    if (!self->paused_ && self->phase_ >= Phase::kWaitingForHead) {
      self->process();
    }
  });
}

void Exchange::set_stage_deadline(std::chrono::milliseconds limit) {
  stage_deadline_ =
      limit.count() > 0 ? Deadlines::Clock::now() + limit : Deadlines::Clock::time_point::max();
  deadline_.set(std::min(stage_deadline_, total_deadline_));
}

void Exchange::on_deadline() {
  const auto self = shared_from_this();
  const bool total = total_deadline_ <= stage_deadline_;
  const char* what = phase_ == Phase::kReadingBody      ? "between bytes of the answer"
                     : phase_ == Phase::kWaitingForHead ? "waiting for the answer"
                                                        : "connecting";
  fail_with(Code::kDeadlineExceeded,
            std::string("time-out ") + (total ? "of the whole exchange" : what));
}

}  // namespace pawl::http
