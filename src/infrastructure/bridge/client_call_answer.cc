// ClientCall's second half: what comes back from the upstream, and what the client gets of it.
#include <utility>

#include "foundation/records/kinds.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/input_requests.h"
#include "infrastructure/bridge/result_shape.h"
#include "infrastructure/bridge/server_notice.h"
#include "infrastructure/bridge/server_request.h"
#include "infrastructure/bridge/subscription.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/result.h"
#include "infrastructure/mcp/tasks.h"

namespace pawl::bridge {
namespace {

// The HTTP status that the modern transport names for an error of the method itself.
int status_of_error(mcp::Era era, std::int64_t code) {
  if (era == mcp::Era::kLegacy) {
    return 200;
  }
  if (code == jsonrpc::error_row(Code::kUnknownMethod).rpc_code) {
    return 404;
  }
  for (Code named : {Code::kHeaderMismatch, Code::kMissingCapability, Code::kUnsupportedVersion}) {
    if (code == jsonrpc::error_row(named).rpc_code) {
      return 400;
    }
  }
  return 200;
}

int status_of_refusal(Code code) {
  return code == Code::kTokenInvalid || code == Code::kUnauthenticated
             ? jsonrpc::error_row(code).transport_status
             : 200;
}

std::int64_t code_of(std::string_view error_body) {
  const Result<json::Parsed> parsed = json::parse(error_body);
  const json::Value* code = parsed ? json::find(parsed->value, {"code"}) : nullptr;
  return code != nullptr && code->is_int64() ? code->get_int64() : 0;
}

}  // namespace

// ---- from the upstream ----

void ClientCall::message(jsonrpc::Message message) {
  if (ended_) {
    return;
  }
  if (inbound_.info->verb == kinds::kSubscriptionListen &&
      message.method == kSubscriptionAcknowledged) {
    Result<jsonrpc::Message> masked = masked_acknowledgement(*core_, inbound_, message);
    if (!masked) {
      ++core_->counters.dropped_server_messages;
      return;
    }
    message = std::move(*masked);
    acknowledged_ = true;
  }
  const Destination to{inbound_.caller, inbound_.server,    inbound_.revision, inbound_.session,
                       inbound_.reply,  shared_from_this(), upstream_};
  if (message.kind == jsonrpc::Kind::kNotification) {
    deliver_notification(core_, to, message);
  } else if (message.kind == jsonrpc::Kind::kRequest && inbound_.era == mcp::Era::kLegacy) {
    ServerRequest::start(core_, to, std::move(message));
  } else {
    ++core_->counters.dropped_server_messages;
  }
}

bool ClientCall::emit(std::string text) {
  const std::shared_ptr<CallEvents> events = events_.lock();
  if (ended_ || !events || !events->event(text)) {
    return false;
  }
  inbound_.reply->send(std::move(text), events->release_gate(), nullptr);
  slow_down();
  return true;
}

bool ClientCall::may_pass(std::string_view message) const {
  const std::shared_ptr<CallEvents> events = events_.lock();
  return !events || events->may_pass(message);
}

void ClientCall::note_event(std::string_view text) {
  if (const std::shared_ptr<CallEvents> events = events_.lock()) {
    events->event(text);
  }
}

void ClientCall::slow_down() {
  if (paused_ || !exchange_ || inbound_.reply->queued_bytes() <= core_->options.max_queued_bytes) {
    return;
  }
  paused_ = true;
  ++core_->counters.pauses;
  exchange_->pause();
  inbound_.reply->on_drained([weak = weak_from_this()] {
    const std::shared_ptr<ClientCall> call = weak.lock();
    if (call && std::exchange(call->paused_, false) && call->exchange_) {
      call->exchange_->resume();
    }
  });
}

void ClientCall::response(const jsonrpc::Message& response) {
  const std::shared_ptr<CallEvents> events = events_.lock();
  if (ended_ || !events) {
    return;
  }
  Answer answer = mcp::answer_of(response);
  answer_is_error_ = response.kind == jsonrpc::Kind::kErrorResponse;
  const json::Value* result = response.result_value();
  if (answer_is_error_ || result == nullptr) {
    events->answered(std::move(answer));
    return;
  }
  if (const auto task = task_in(*result)) {
    answer.followed = core_->task_seal.seal(*creating_call_, *task);
  }
  const json::Value* list = inbound_.info->list == mcp::ListKind::kNone
                                ? nullptr
                                : json::find(*result, {mcp::list_member(inbound_.info->list)});
  const mcp::ResultType type = mcp::result_type(*result, inbound_.era);
  const bool modern = inbound_.era == mcp::Era::kModern;
  const bool asks = modern && type == mcp::ResultType::kInputRequired;
  // A type nobody knows is no answer (MCP 2026-07-28, Result); a task has a handle to follow.
  const bool strange =
      modern && (type == mcp::ResultType::kOther ||
                 (type == mcp::ResultType::kTask && !mcp::created_task(*result, inbound_.era)));
  if (strange ||
      (inbound_.info->list != mcp::ListKind::kNone && (list == nullptr || !list->is_array())) ||
      (asks && !inbound_.info->may_need_input)) {
    lost(Loss::kGarbage, "the answer is not one to " + inbound_.message.method);
    return;
  }
  answer.repeatable = type == mcp::ResultType::kComplete && !InputRequests::are_in(*result) &&
                      !mcp::created_task(*result, inbound_.era);
  if (inbound_.era == mcp::Era::kLegacy || !InputRequests::are_in(*result)) {
    events->answered(std::move(answer));
    return;
  }
  inputs_ = std::make_shared<InputRequests>();
  const mcp::ActionContext context{id_,
                                   inbound_.caller,
                                   inbound_.server,
                                   inbound_.revision,
                                   Direction::kToClient,
                                   inbound_.connection,
                                   core_->parts.clock.wall(),
                                   core_->parts.clock.boot()};
  const std::string body = answer.body;
  Status submitted = inputs_->submit(
      core_, body, context, parent_tokens_,
      [weak = weak_from_this(), answer = std::move(answer)](const std::optional<Refusal>&) {
        const auto call = weak.lock();
        const auto open = call ? call->events_.lock() : nullptr;
        if (open) {
          open->answered(answer);
        }
      });
  if (!submitted) {
    inputs_.reset();
    lost(Loss::kGarbage, submitted.error().message);
  }
}

std::optional<TaskReference> ClientCall::task_in(const json::Value& result) const {
  const auto task = creating_call_ ? mcp::created_task(result, inbound_.era) : std::nullopt;
  return task ? std::optional<TaskReference>(
                    {task->id, inbound_.era, inbound_.revision, task->poll_interval_ms})
              : std::nullopt;
}

// ---- to the client ----

void ClientCall::release(std::shared_ptr<WriteGate> gate, const Answer& answer,
                         const RecordRef& record) {
  if (inputs_ && (inputs_->refusal() || !inputs_->pass_gates())) {
    Refusal refusal = inputs_->refusal().value_or(Refusal{
        Code::kStopped, "inputs", "", "what the server asks of the client was stopped", false, 0});
    refusal.was_done = true;
    inputs_->released(false);
    refuse(refusal, record);
    return;
  }
  if (inputs_) {
    inputs_->released(true);
  }
  deliver(answer, answer_is_error_, record, std::move(gate));
  if (creating_call_ && answer.success && upstream_) {
    const Result<json::Parsed> result = json::parse(answer.body);
    if (auto task = result ? task_in(result->value) : std::nullopt) {
      core_->follower.follow(core_, *creating_call_, *std::move(task), upstream_);
    }
  }
  end();
}

void ClientCall::deliver(const Answer& answer, bool is_error, const RecordRef& record,
                         std::shared_ptr<WriteGate> gate) {
  const std::string& id = inbound_.message.id_text;
  Reply::Head head{.status = 200,
                   .token = core_->token_in_header(record),
                   .headers = core_->receipt_header(inbound_.headers, record)};
  std::string text;
  if (is_error) {
    head.status = status_of_error(inbound_.era, code_of(answer.body));
    text = jsonrpc::error_response(
        id, mcp::with_record(mcp::without_own_keys(answer.body), true, record.id,
                             core_->proof_of(record), core_->token_in_body(record)));
  } else if (Result<std::string> result = shape_result(*core_, inbound_, answer, record)) {
    *result = with_change(*std::move(result));
    text = inbound_.own_task ? finished_task(*std::move(result), record)
                             : jsonrpc::response(id, *result);
  } else {
    Refusal held{result.error().code, "bridge", "", result.error().message, false, 0};
    held.was_done = true;
    text = mcp::refusal_response(inbound_.message, inbound_.era, held, record.id,
                                 core_->proof_of(record), core_->token_in_body(record));
  }
  inbound_.reply->answer(std::move(text), std::move(head), std::move(gate));
}

void ClientCall::refuse(const Refusal& refusal, const RecordRef& record) {
  leave_page();
  if (inputs_) {
    inputs_->released(false);
  }
  Reply::Head head{.status = status_of_refusal(refusal.code),
                   .token = core_->token_in_header(record),
                   .headers = core_->receipt_header(inbound_.headers, record)};
  std::string text;
  if (fault_) {
    head.status = fault_->http_status;
    text = mcp::fault_response(inbound_.message.id_text, *fault_, inbound_.era);
  } else if (refusal.pending) {
    text = still_held(refusal, record);
  } else if (inbound_.own_task) {  // a result would be no task
    text = jsonrpc::error_response(
        inbound_.message.id_text,
        mcp::refusal_error(inbound_.era, refusal, record.id, core_->proof_of(record),
                           core_->token_in_body(record)));
  } else {
    text = mcp::refusal_response(inbound_.message, inbound_.era, refusal, record.id,
                                 core_->proof_of(record), core_->token_in_body(record));
  }
  inbound_.reply->answer(std::move(text), std::move(head), nullptr);
  end();
}

void ClientCall::fault(const Error& error) {
  const int status =
      inbound_.era == mcp::Era::kModern ? jsonrpc::error_row(error.code).transport_status : 200;
  inbound_.reply->answer(mcp::fault_response(inbound_.message.id_text, error, inbound_.era),
                         {.status = status}, nullptr);
  ended_ = true;
}

void ClientCall::end() {
  if (std::exchange(ended_, true)) {
    return;
  }
  leave_page();
  if (upstream_) {
    core_->links.remove_call(upstream_.get(), this);
  }
  if (inbound_.session) {
    inbound_.session->closed(inbound_.message.id_text, this);
  }
  exchange_.reset();
  gate_.reset();
  events_.reset();
}

}  // namespace pawl::bridge
