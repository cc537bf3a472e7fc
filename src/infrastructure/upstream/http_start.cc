// The life of an HTTP server's connection: probe, initialize, end.
#include <algorithm>
#include <utility>

#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/records/names.h"
#include "infrastructure/upstream/http_call.h"
#include "infrastructure/upstream/http_link.h"

namespace pawl::mcp {

namespace {

constexpr std::size_t kMaxSessionId = 1024;
constexpr std::size_t kMaxFarewell = 64 * 1024;

bool is_session_id(const std::string& id) {
  return id.size() <= kMaxSessionId &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// The server wants other credentials, whatever the era.
bool is_forbidden(const HttpAnswer& answer) {
  return answer.status == 401 || answer.status == 403;
}

Error forbidden(const HttpAnswer& answer) {
  return {Code::kUpstreamFailed, "the server refused: HTTP " + std::to_string(answer.status)};
}

bool is_response(const Result<jsonrpc::Message>& message) {
  return message && (message->kind == jsonrpc::Kind::kResponse ||
                     message->kind == jsonrpc::Kind::kErrorResponse);
}

LimitStat start_timeout("start_timeout_s");

}  // namespace

void HttpLink::start(Opening opening, Done done) {
  if (state_ == State::kOpen) {
    loop.post([self = shared_from_this(), done = std::move(done)] { done(self->hello_); });
    return;
  }
  waiting_.push_back(std::move(done));
  if (state_ == State::kStarting) {
    return;
  }
  const auto now = BackOff::Time::clock::now();
  if (const auto wait = back_off_.wait(now); wait.count() > 0) {
    loop.post([self = shared_from_this(), wait] {
      if (self->state_ == State::kClosed) {
        self->finish_start(fail(
            Code::kUpstreamUnavailable,
            "server " + self->options.name + " could not be reached and is tried again in " +
                std::to_string(wait.count()) + " ms at the soonest (" + self->last_failure_ + ")"));
      }
    });
    return;
  }
  back_off_.started(now);
  state_ = State::kStarting;
  opening_ = std::move(opening);
  not_legacy_.reset();
  session_.clear();
  hello_ = {};
  ++counters.starts;
  start_timer_ = loop.after(options.start_timeout, [this] {
    const auto self = shared_from_this();
    start_timeout.reached();
    fail_start({Code::kUpstreamUnavailable, "no answer to the handshake in time"});
  });
  if (opening_.era == Era::kModern) {
    probe();
  } else {
    initialize();
  }
}

void HttpLink::ask(std::string body, const http::Headers& headers,
                   std::chrono::milliseconds timeout, void (HttpLink::*then)(const HttpAnswer&)) {
  http::ClientRequest request = post(std::move(body), headers);
  request.timeouts.total = timeout;
  handshake_ = std::make_unique<HttpStream>(
      pool, std::move(request), options.plumbing, options.max_bytes,
      [this, then](std::string data) {
        const auto self = shared_from_this();
        if (handshake_ == nullptr || !is_response(jsonrpc::decode(data))) {
          return;  // a notification before the response
        }
        HttpAnswer answer = handshake_->so_far();
        answer.body = std::move(data);
        drain(std::move(handshake_));
        (this->*then)(answer);
      },
      [this, then](const HttpAnswer& answer) {
        const auto self = shared_from_this();
        handshake_.reset();
        if (answer.error && answer.error->error.code == Code::kStopped) {
          end_start({Code::kStopped, answer.error->error.message});  // says nothing of the server
          return;
        }
        (this->*then)(answer);
      });
}

void HttpLink::probe() {
  const http::Headers headers = {
      {std::string(names::kFieldMcpVersion), std::string(kRevision20260728)},
      {std::string(names::kFieldMcpMethod), "server/discover"}};
  ask(jsonrpc::request(std::to_string(next_id()), "server/discover",
                       discover_params(client_info(options.version))),
      headers, options.probe_timeout, &HttpLink::on_probe);
}

void HttpLink::on_probe(const HttpAnswer& answer) {
  if (answer.error && answer.error->stage == http::ClientError::kNotSent) {
    fail_start({Code::kUpstreamUnavailable, answer.error->error.message});
    return;
  }
  const Result<jsonrpc::Message> response = jsonrpc::decode(answer.body);
  if (!is_response(response)) {
    is_forbidden(answer) ? fail_start(forbidden(answer)) : not_modern();
    return;
  }
  Judgement judged = judge_probe(*response);
  switch (judged.verdict) {
    case Judgement::Verdict::kOpen:
      hello_ = std::move(judged.hello);
      opened();
      return;
    case Judgement::Verdict::kTryLegacy:
      not_modern();
      return;
    case Judgement::Verdict::kFailed:
      fail_start(std::move(judged.error));
      return;
  }
}

void HttpLink::not_modern() {
  if (not_legacy_) {
    fail_start(*std::exchange(not_legacy_, std::nullopt));
  } else {
    initialize();
  }
}

void HttpLink::not_legacy(Error error) {
  if (opening_.era == Era::kModern) {
    fail_start(std::move(error));
  } else {
    not_legacy_ = std::move(error);
    probe();
  }
}

void HttpLink::initialize() {
  ask(jsonrpc::request(std::to_string(next_id()), "initialize",
                       initialize_params(opening_.initialize_params, client_info(options.version))),
      {}, options.start_timeout, &HttpLink::on_initialize);
}

void HttpLink::on_initialize(const HttpAnswer& answer) {
  if (answer.error) {
    fail_start({Code::kUpstreamUnavailable, answer.error->error.message});
    return;
  }
  const Result<jsonrpc::Message> response = jsonrpc::decode(answer.body);
  if (!is_response(response)) {
    is_forbidden(answer) ? fail_start(forbidden(answer))
                         : not_legacy({Code::kUpstreamFailed,
                                       "its answer to initialize is no JSON-RPC response: HTTP " +
                                           std::to_string(answer.status)});
    return;
  }
  Judgement judged = judge_initialize(*response);
  if (judged.verdict == Judgement::Verdict::kFailed) {
    not_legacy(std::move(judged.error));
    return;
  }
  if (!is_session_id(answer.session)) {
    fail_start({Code::kUpstreamFailed, "it gave a session id that is not visible ASCII"});
    return;
  }
  hello_ = std::move(judged.hello);
  session_ = answer.session;
  ask(jsonrpc::notification("notifications/initialized", {}), {}, options.start_timeout,
      &HttpLink::on_initialized);
}

void HttpLink::on_initialized(const HttpAnswer& answer) {
  if (!answer.ok()) {
    fail_start({Code::kUpstreamFailed, answer.error
                                           ? answer.error->error.message
                                           : "it refused notifications/initialized: HTTP " +
                                                 std::to_string(answer.status)});
    return;
  }
  opened();
  if (is_open()) {
    listen();
  }
}

void HttpLink::opened() {
  start_timer_.cancel();
  state_ = State::kOpen;
  tell(options.watch, UpstreamEvent::kStarted);
  finish_start(hello_);
}

void HttpLink::finish_start(const Result<UpstreamHello>& result) {
  for (const Done& done : std::exchange(waiting_, {})) {
    done(result);
  }
}

void HttpLink::end_start(Error error) {
  const auto self = shared_from_this();
  start_timer_.cancel();
  handshake_.reset();
  end_session();
  state_ = State::kClosed;
  finish_start(fail(std::move(error)));
}

void HttpLink::fail_start(Error error) {
  back_off_.ended(BackOff::Time::clock::now());
  last_failure_ = error.message;
  error.message = "server " + options.name + ": " + error.message;
  log(LogLevel::kWarn, "upstream_not_started", {{"server", options.name}, {"why", error.message}});
  tell(options.watch, UpstreamEvent::kNotStarted, error.message);
  end_start(std::move(error));
}

// A DELETE that nobody waits for; the pool keeps it.
void HttpLink::end_session() {
  if (session_.empty()) {
    return;
  }
  http::ClientRequest request = post({}, {});
  request.method = "DELETE";
  request.timeouts.total = options.probe_timeout;
  session_.clear();
  pool.fetch(
      std::move(request), [](const Result<http::Response>&) {}, kMaxFarewell);
}

void HttpLink::close() {
  const auto self = shared_from_this();
  end_session();
  start_timer_.cancel();
  listen_timer_.cancel();
  handshake_.reset();
  listening_.reset();
  state_ = State::kClosed;
  loop.post([self] {
    self->end_calls("closed here");
    if (self->state_ == State::kClosed) {
      self->finish_start(fail(Code::kUpstreamUnavailable, "closed here"));
    }
  });
}

}  // namespace pawl::mcp
