// The life of a stdio server: start, handshake, death, back-off.
#include <utility>

#include "base/limit_stat.h"
#include "base/log.h"
#include "infrastructure/upstream/handshake.h"
#include "infrastructure/upstream/stdio_link.h"

namespace pawl::mcp {
namespace {

LimitStat start_timeout("start_timeout_s");

}  // namespace

void StdioUpstream::Link::start(Opening opening, Done done) {
  if (state_ == State::kOpen) {
    loop.post([self = shared_from_this(), done = std::move(done)] { done(self->hello_); });
    return;
  }
  waiting_.push_back(std::move(done));
  if (state_ == State::kStarting) {
    return;
  }
  opening_ = std::move(opening);
  Status begun;
  const auto wait = back_off_.wait(BackOff::Time::clock::now());
  if (wait.count() > 0) {
    begun = fail(Code::kUpstreamUnavailable,
                 "server " + options.name + " ended and is started again in " +
                     std::to_string(wait.count()) + " ms at the soonest (" + last_failure_ + ")");
  } else {
    begun = open_transport();
  }
  if (!begun) {
    loop.post([self = shared_from_this(), error = begun.error()] {
      if (self->state_ == State::kClosed) {
        self->finish_start(fail(error));
      }
    });
    return;
  }
  await_start();
}

void StdioUpstream::Link::await_start() {
  start_timer_ = loop.after(options.start_timeout, [this] {
    const auto self = shared_from_this();
    if (late_) {  // it is modern, and silent about initialize
      opened(*std::exchange(late_, std::nullopt));
      return;
    }
    start_timeout.reached();
    fail_start({Code::kUpstreamUnavailable, "server " + options.name + " did not answer within " +
                                                std::to_string(options.start_timeout.count()) +
                                                " ms of its start"});
  });
}

Status StdioUpstream::Link::open_transport() {
  Result<std::unique_ptr<LineTransport>> opened = open_();
  const auto now = BackOff::Time::clock::now();
  if (!opened) {
    back_off_.ended(now);
    last_failure_ = opened.error().message;
    return fail(Code::kUpstreamUnavailable,
                "server " + options.name + " can't be started: " + opened.error().message);
  }
  back_off_.started(now);
  ++counters.starts;
  transport_ = std::move(*opened);
  state_ = State::kStarting;
  probe_id_ = initialize_id_ = 0;
  not_legacy_.reset();
  late_.reset();
  garbage_of_life_ = 0;
  silent_calls_ = 0;
  const std::uint64_t life = ++life_;
  const std::weak_ptr<Link> weak = weak_from_this();
  transport_->channel().on_closed([weak, life](const Error& why) {
    const auto self = weak.lock();
    if (self == nullptr || self->life_ != life) {
      return;
    }
    self->transport_->explain_end(why, [weak, life](const std::string& reason) {
      if (const auto link = weak.lock(); link != nullptr && link->life_ == life) {
        link->died(reason);
      }
    });
  });
  transport_->channel().on_line([weak, life](const std::string& line) {
    if (const auto self = weak.lock(); self != nullptr && self->life_ == life) {
      self->on_line(line);
    }
  });
  if (skip_probe_ || opening_.era == Era::kLegacy) {
    send_initialize();
  } else {
    send_probe();
  }
  return {};
}

void StdioUpstream::Link::send_probe() {
  probe_id_ = next_id();
  send_plain(jsonrpc::request(std::to_string(probe_id_), "server/discover",
                              discover_params(client_info(options.version))));
  if (only_probe_) {
    return;
  }
  probe_timer_ = loop.after(options.probe_timeout, [this] {
    const auto self = shared_from_this();
    not_legacy_ ? fail_start(*std::exchange(not_legacy_, std::nullopt)) : send_initialize();
  });
}

void StdioUpstream::Link::send_initialize() {
  probe_timer_.cancel();
  initialize_id_ = next_id();
  send_plain(jsonrpc::request(
      std::to_string(initialize_id_), "initialize",
      single_line(initialize_params(opening_.initialize_params, client_info(options.version)))));
}

void StdioUpstream::Link::on_handshake(const jsonrpc::Message& response) {
  const std::int64_t id = number_of(response.id_text).value_or(0);
  if (id != 0 && id == initialize_id_ && !not_legacy_) {
    on_initialized(response);
  } else if (id != 0 && id == probe_id_) {
    probe_id_ = 0;
    on_discovered(response);
  } else {
    ++counters.unknown;
  }
}

void StdioUpstream::Link::on_initialized(const jsonrpc::Message& response) {
  Judgement judged = judge_initialize(response);
  if (judged.verdict == Judgement::Verdict::kOpen) {
    if (late_ && reopen_as_modern()) {
      return;
    }
    if (late_) {
      judged.hello.others = std::move(late_->revisions);
    }
    send_plain(jsonrpc::notification("notifications/initialized", {}));
    opened(std::move(judged.hello));
  } else if (late_) {
    opened(*std::exchange(late_, std::nullopt));
  } else if (opening_.era == Era::kLegacy || probe_id_ != 0) {
    // It may be of the newer era only, and have been too slow for the first probe.
    not_legacy_ = std::move(judged.error);
    send_probe();
  } else {
    fail_start(std::move(judged.error));
  }
}

void StdioUpstream::Link::on_discovered(const jsonrpc::Message& response) {
  Judgement judged = judge_probe(response);
  if (judged.verdict == Judgement::Verdict::kOpen) {
    if (initialize_id_ == 0 || not_legacy_) {
      opened(std::move(judged.hello));
    } else {  // a modern server that started slowly; if it speaks both, initialize decided
      late_ = std::move(judged.hello);
    }
  } else if (not_legacy_) {
    fail_start(judged.verdict == Judgement::Verdict::kFailed
                   ? std::move(judged.error)
                   : *std::exchange(not_legacy_, std::nullopt));
  } else if (initialize_id_ != 0) {
    ++counters.late;
  } else if (judged.verdict == Judgement::Verdict::kFailed) {
    fail_start(std::move(judged.error));
  } else {
    send_initialize();
  }
}

// False: this transport cannot be had twice (a shim's).
bool StdioUpstream::Link::reopen_as_modern() {
  std::unique_ptr<LineTransport> legacy = std::move(transport_);
  only_probe_ = true;
  if (open_transport()) {
    legacy->stop();
    return true;
  }
  only_probe_ = false;
  transport_ = std::move(legacy);
  return false;
}

void StdioUpstream::Link::opened(UpstreamHello hello) {
  probe_timer_.cancel();
  start_timer_.cancel();
  state_ = State::kOpen;
  hello_ = std::move(hello);
  tell(options.watch, UpstreamEvent::kStarted);
  finish_start(hello_);
}

void StdioUpstream::Link::finish_start(const Result<UpstreamHello>& result) {
  for (const Done& done : std::exchange(waiting_, {})) {
    done(result);
  }
}

void StdioUpstream::Link::fail_start(Error error) {
  back_off_.ended(BackOff::Time::clock::now());
  last_failure_ = error.message;
  log(LogLevel::kWarn, "upstream_not_started", {{"server", options.name}, {"why", error.message}});
  tell(options.watch, UpstreamEvent::kNotStarted, error.message);
  close(false);
  finish_start(fail(std::move(error)));
}

void StdioUpstream::Link::died(const std::string& reason) {
  const auto self = shared_from_this();
  const bool was_open = state_ == State::kOpen;
  const bool at_the_probe = state_ == State::kStarting && !skip_probe_ && initialize_id_ == 0;
  close(false);
  if (at_the_probe) {
    skip_probe_ = true;
    if (open_transport()) {
      await_start();
      return;
    }
  }
  back_off_.ended(BackOff::Time::clock::now());
  last_failure_ = reason;
  log(LogLevel::kWarn, "upstream_closed", {{"server", options.name}, {"why", reason}});
  tell(options.watch, was_open ? UpstreamEvent::kClosed : UpstreamEvent::kNotStarted, reason);
  end_calls(reason);
  finish_start(fail(Code::kUpstreamUnavailable,
                    "server " + options.name + " ended at its start: " + reason));
  if (was_open && closed) {
    closed(reason);
  }
}

// A line that no write was tried of stays unwritten, also while a stopping server drains its input.
void StdioUpstream::Link::end_calls(const std::string& reason) {
  for (const auto& [id, call] : std::exchange(calls_, {})) {
    call->gate->withdraw();
    call->lost(call->gate->begun() ? Loss::kConnection : Loss::kNotSent,
               "server " + options.name + ": " + reason);
  }
}

void StdioUpstream::Link::close(bool tell) {
  const auto self = shared_from_this();
  probe_timer_.cancel();
  start_timer_.cancel();
  state_ = State::kClosed;
  ++life_;
  if (transport_ != nullptr) {
    transport_->stop();
    transport_.reset();
  }
  if (tell) {
    loop.post([self] {
      self->end_calls("closed here");
      if (self->state_ == State::kClosed) {
        self->finish_start(fail(Code::kUpstreamUnavailable, "closed here"));
      }
    });
  }
}

}  // namespace pawl::mcp
