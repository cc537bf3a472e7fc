// The traffic of a stdio server: who each line belongs to.
#include "infrastructure/upstream/stdio_link.h"

#include <utility>

#include "base/limit_stat.h"
#include "base/log.h"
#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/mcp/own_keys.h"
#include "path/plugged.h"

namespace pawl::mcp {

namespace {

constexpr std::string_view kCancelled = "notifications/cancelled";

void tell_later(EventLoop& loop, std::function<void(bool)> sent, bool value) {
  if (sent) {
    loop.post([sent = std::move(sent), value] { sent(value); });
  }
}

LimitStat upstream_exchanges("upstream_exchanges");
LimitStat upstream_garbage("upstream_garbage");
LimitStat upstream_silent("upstream_silent");

}  // namespace

void StdioUpstream::Link::send_plain(std::string text) {
  if (transport_ != nullptr) {
    transport_->channel().send(std::move(text), options.plumbing, {});
  }
}

std::shared_ptr<StdioCall> StdioUpstream::Link::request(const Request& request,
                                                        std::shared_ptr<WriteGate> gate,
                                                        std::shared_ptr<ExchangeEvents> events) {
  auto call = std::make_shared<StdioCall>(loop, ids_of(request.message, next_id()), std::move(gate),
                                          std::move(events));
  if (state_ != State::kOpen || calls_.size() >= options.max_open) {
    if (state_ == State::kOpen) {
      upstream_exchanges.reached();
    }
    const char* why = state_ != State::kOpen ? " is not running" : " has too many open calls";
    loop.post(
        [call, detail = "server " + options.name + why] { call->lost(Loss::kNotSent, detail); });
    return call;
  }
  calls_.emplace(call->ids.id, call);
  const std::weak_ptr<Link> weak = weak_from_this();
  transport_->channel().send(
      single_line(
          outgoing(request.message, call->ids, request.idempotency_key, request.traceparent)),
      call->gate, [weak, call](LineFate fate) {
        const auto self = weak.lock();
        if (fate == LineFate::kWritten || self == nullptr ||
            self->calls_.erase(call->ids.id) == 0) {
          return;
        }
        call->lost(fate == LineFate::kNotSent ? Loss::kNotSent : Loss::kConnection,
                   "server " + self->options.name + ": the request was " +
                       (fate == LineFate::kNotSent ? "not written" : "written in part"));
      });
  return call;
}

void StdioUpstream::Link::abandon(const std::shared_ptr<StdioCall>& call) {
  call->detach();
  if (calls_.erase(call->ids.id) == 0) {
    return;
  }
  if (!call->gate->begun()) {
    call->gate->withdraw();
    return;
  }
  send_plain(
      jsonrpc::notification(kCancelled, R"({"requestId":)" + std::to_string(call->ids.id) + "}"));
}

// In turn: of calls that were open together one counts, so that a server that works on several long
// ones is not taken for deaf.
void StdioUpstream::Link::timed_out(const StdioCall& call) {
  if (state_ != State::kOpen || call.ids.id <= silent_through_) {
    return;
  }
  silent_through_ = last_id_;
  if (++silent_calls_ < options.max_silent || !plugged(ControlId::kSilentServer)) {
    return;
  }
  upstream_silent.reached();
  loop.post([weak = weak_from_this(), life = life_] {
    if (const auto self = weak.lock(); self != nullptr && self->life_ == life) {
      self->died("it said nothing while " + std::to_string(self->options.max_silent) +
                 " calls in turn ran out of time");
    }
  });
}

void StdioUpstream::Link::notify(const jsonrpc::Message& message, std::shared_ptr<WriteGate> gate) {
  if (state_ != State::kOpen || message.method == kCancelled) {
    ++counters.dropped;
    return;
  }
  transport_->channel().send(single_line(without_forged_keys(message.text)), std::move(gate), {});
}

void StdioUpstream::Link::answer(const std::string& id_text, std::string_view body, bool is_error,
                                 std::shared_ptr<WriteGate> gate, std::function<void(bool)> sent) {
  if (state_ != State::kOpen) {
    tell_later(loop, std::move(sent), false);
    return;
  }
  std::string text =
      is_error ? jsonrpc::error_response(id_text, body) : jsonrpc::response(id_text, body);
  transport_->channel().send(single_line(std::move(text)), std::move(gate),
                             [sent = std::move(sent)](LineFate fate) {
                               if (sent) {
                                 sent(fate != LineFate::kNotSent);
                               }
                             });
}

void StdioUpstream::Link::on_line(const std::string& line) {
  const auto self = shared_from_this();
  Result<jsonrpc::Message> message = jsonrpc::decode(line);
  if (!message) {
    on_garbage(line, message.error());
    return;
  }
  silent_calls_ = 0;
  switch (message->kind) {
    case jsonrpc::Kind::kResponse:
    case jsonrpc::Kind::kErrorResponse:
      on_answer(std::move(*message));
      return;
    case jsonrpc::Kind::kRequest:
      on_server_request(std::move(*message));
      return;
    case jsonrpc::Kind::kNotification:
      on_notification(std::move(*message));
      return;
  }
}

void StdioUpstream::Link::on_garbage(const std::string& line, const Error& problem) {
  ++counters.garbage;
  if (++garbage_of_life_ == 1) {
    log(LogLevel::kWarn, "upstream_garbage",
        {{"server", options.name},
         {"bytes", std::to_string(line.size())},
         {"problem", std::string(code_name(problem.code))}});
  }
  if (const auto id = number_of(jsonrpc::salvage_id(line))) {
    if (const auto found = calls_.find(*id); found != calls_.end()) {
      const std::shared_ptr<StdioCall> call = found->second;
      calls_.erase(found);
      call->lost(Loss::kGarbage, "server " + options.name + ": its answer is no JSON-RPC message");
    }
  }
  if (garbage_of_life_ > options.max_garbage && state_ != State::kClosed) {
    upstream_garbage.reached();
    died("it wrote more than " + std::to_string(options.max_garbage) +
         " lines that are no messages");
  }
}

void StdioUpstream::Link::on_answer(jsonrpc::Message response) {
  if (state_ == State::kStarting) {
    on_handshake(response);
    return;
  }
  const std::optional<std::int64_t> id = number_of(response.id_text);
  const auto found = id ? calls_.find(*id) : calls_.end();
  if (found == calls_.end()) {
    ++(id && *id > 0 && *id <= last_id_ ? counters.late : counters.unknown);
    return;
  }
  const std::shared_ptr<StdioCall> call = found->second;
  calls_.erase(found);
  call->response(restored_response(std::move(response), call->ids));
}

StdioCall* StdioUpstream::Link::call_of_task(const jsonrpc::Message& message) {
  const std::optional<std::string> task = related_task(message);
  if (!task || task->empty()) {
    return nullptr;
  }
  for (const auto& [id, call] : calls_) {
    if (call->ids.task == *task) {
      return call.get();
    }
  }
  return nullptr;
}

StdioCall* StdioUpstream::Link::only_call() {
  return calls_.size() == 1 ? calls_.begin()->second.get() : nullptr;
}

void StdioUpstream::Link::pass_on(StdioCall* call, jsonrpc::Message message) {
  if (call != nullptr) {
    if (message.kind == jsonrpc::Kind::kRequest) {
      const std::string id = message.id_text;
      if (!call->message(std::move(message))) {
        ++counters.dropped;
        send_plain(jsonrpc::error_response(
            id, jsonrpc::error_object(jsonrpc::error_row(Code::kOverloaded).rpc_code,
                                      "the client is too slow to be asked")));
      }
    } else if (!call->message(std::move(message))) {
      ++counters.dropped;
    }
    return;
  }
  if (unsolicited) {
    unsolicited(std::move(message));
  } else {
    ++counters.dropped;
  }
}

void StdioUpstream::Link::on_server_request(jsonrpc::Message request) {
  if (state_ == State::kOpen && hello_.era == Era::kModern) {
    ++counters.garbage;  // that era has no requests of servers, and no answers to them
    return;
  }
  if (request.method == "ping") {
    send_plain(jsonrpc::response(request.id_text, "{}"));
    return;
  }
  StdioCall* call = call_of_task(request);
  if (call == nullptr && !related_task(request)) {
    call = only_call();
  }
  pass_on(call, std::move(request));
}

void StdioUpstream::Link::on_notification(jsonrpc::Message notification) {
  const std::optional<std::int64_t> named = named_exchange(notification);
  if (named || notification.method == "notifications/progress") {
    const auto found = named ? calls_.find(*named) : calls_.end();
    if (found == calls_.end()) {
      ++counters.late;
      return;
    }
    const std::shared_ptr<StdioCall> call = found->second;
    std::optional<jsonrpc::Message> restored =
        restored_notification(std::move(notification), call->ids);
    if (!restored || !call->message(std::move(*restored))) {
      ++counters.dropped;
    }
    return;
  }
  StdioCall* call = call_of_task(notification);
  if (call == nullptr && notification.method == "notifications/message") {
    call = only_call();
  }
  pass_on(call, std::move(notification));
}

}  // namespace pawl::mcp
