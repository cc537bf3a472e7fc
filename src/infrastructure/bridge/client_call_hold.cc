// ClientCall's third part: how its client waits for people, and what people change.
#include <utility>

#include "base/json_changes.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/result_shape.h"
#include "infrastructure/mcp/approval_shapes.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/result.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMostPlaces = 32;  // of changed arguments that are named
constexpr std::string_view kInputResponses = "inputResponses";
constexpr std::string_view kRequestState = "requestState";

// What the client's person did about the page; a client that says nothing of it waits.
bool opened_page(const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  const json::Value* said =
      params == nullptr ? nullptr : json::find(*params, {kInputResponses, mcp::kApprovalInput});
  return said == nullptr || json::find_string(*said, {"action"}).value_or("accept") == "accept";
}

// `params` with the `_meta` of the request that they take the place of.
Result<jsonrpc::Message> with_params_of(const jsonrpc::Message& message, std::string params) {
  const std::string_view asked = message.params_text();
  if (const auto meta =
          asked.empty() ? std::nullopt : json::member(asked, json::whole(asked), mcp::kMeta)) {
    params = json::with_member(params, json::whole(params), mcp::kMeta, meta->of(asked));
  }
  return jsonrpc::decode(jsonrpc::with_params(message, params));
}

}  // namespace

// ---- an earlier round that waited ----

// The params are those that people were asked about, to the byte, as long as they are kept: a
// client may print its own anew.
Status ClientCall::take_approval_state(std::string_view text, const mcp::StateBinding& binding) {
  Inbound& in = inbound_;
  const Result<mcp::OpenedState> opened = core_->approval_states.open(
      binding, text.substr(kApprovalState.size()), core_->parts.clock.wall());
  if (!opened && plugged(ControlId::kApprovalState)) {
    return fail(opened.error());
  }
  in.waited_for = opened ? opened->record : Uuid{};
  declines_ = !opened_page(in.message);
  const Result<HeldStanding> stands = core_->parts.gateway.standing_of(*in.waited_for, in.caller);
  std::string params(in.message.params_text());
  for (std::string_view member : {kInputResponses, kRequestState}) {
    params = json::without_member(params, json::whole(params), member);
  }
  Result<jsonrpc::Message> message =
      stands && !stands->params.empty() ? with_params_of(in.message, stands->params)
                                        : jsonrpc::decode(jsonrpc::with_params(in.message, params));
  if (!message) {
    return fail(message.error());
  }
  in.message = *std::move(message);
  return {};
}

// ---- held ----

void ClientCall::held(const std::shared_ptr<CallEvents>& events, const PendingApproval& pending) {
  events_ = events;
  if (withdrawn_) {
    events->withdrawn(*withdrawn_);
    return;
  }
  is_held_ = true;
  way_ = hold_way(inbound_, pending, presents_tokens_);
  const bool modern = inbound_.era == mcp::Era::kModern;
  if (declines_) {
    way_ = HoldWay::kPlain;
    events->stop_waiting();
  } else if (way_ == HoldWay::kTask || (way_ == HoldWay::kPage && modern && !inbound_.waited_for)) {
    events->stop_waiting();
  } else if (way_ == HoldWay::kPage && !modern) {
    ask_to_open(pending);
  }
}

void ClientCall::session_ended() {
  if (is_held_) {
    withdraw("the client ended its session");
  }
}

// On the call's own stream; without one the client is told when it is to come again.
void ClientCall::ask_to_open(const PendingApproval& pending) {
  const auto stop_waiting = [weak = weak_from_this()](HoldWay way) {
    const std::shared_ptr<ClientCall> call = weak.lock();
    const std::shared_ptr<CallEvents> events = call ? call->events_.lock() : nullptr;
    if (events) {
      call->way_ = way;
      events->stop_waiting();
    }
  };
  const std::shared_ptr<Session>& session = inbound_.session;
  core_->approval_pages.opened(pending.id, session);
  page_answer_ =
      std::make_shared<PageAnswer>(session, [stop_waiting] { stop_waiting(HoldWay::kPlain); });
  const Result<std::string> id = page_answer_->ask();
  if (!id) {
    stop_waiting(HoldWay::kPage);
    return;
  }
  const std::string params = mcp::approval_elicitation(mcp::Era::kLegacy, mcp::page_of(pending));
  inbound_.reply->send(jsonrpc::request(*id, mcp::kElicitationCreate, params),
                       core_->parts.gateway.plumbing_gate(inbound_.caller, inbound_.server),
                       [stop_waiting](bool left) {
                         if (!left) {
                           stop_waiting(HoldWay::kPage);
                         }
                       });
}

void ClientCall::leave_page() {
  const std::string id = page_answer_ ? page_answer_->leave() : std::string();
  if (!id.empty()) {
    inbound_.reply->send(
        jsonrpc::notification("notifications/cancelled", R"({"requestId":)" + id + "}"),
        core_->parts.gateway.plumbing_gate(inbound_.caller, inbound_.server), nullptr);
  }
  page_answer_.reset();
}

std::string ClientCall::with_record(std::string_view body, bool is_error,
                                    const RecordRef& record) const {
  return mcp::with_record(body, is_error, record.id, core_->proof_of(record),
                          core_->token_in_body(record));
}

std::string ClientCall::still_held(const Refusal& refusal, const RecordRef& record) {
  const std::string& id = inbound_.message.id_text;
  const PendingApproval& pending = *refusal.pending;
  const Result<std::optional<std::string>> name = mcp::named(inbound_.message, *inbound_.info);
  if (way_ == HoldWay::kTask) {
    const std::string handle =
        core_->own_tasks.handle(owner_of(inbound_), pending.id, name ? name->value_or("") : "");
    return jsonrpc::response(
        id, with_record(mcp::created_task_result(inbound_.era, held_view(*core_, handle, pending)),
                        false, record));
  }
  const mcp::ApprovalPage page = mcp::page_of(pending);
  if (way_ == HoldWay::kPage && inbound_.era == mcp::Era::kLegacy) {
    return jsonrpc::error_response(id,
                                   with_record(mcp::approval_required_error(page), true, record));
  }
  if (way_ == HoldWay::kPage) {
    const mcp::StateBinding binding{inbound_.caller.agent, inbound_.server, inbound_.message.method,
                                    name ? name->value_or("") : "",
                                    mcp::params_digest(inbound_.message)};
    const Result<std::string> state =
        core_->approval_states.seal(binding, std::nullopt, pending.id, core_->parts.clock.wall());
    if (state) {
      return jsonrpc::response(
          id, with_record(mcp::approval_input_required(page, std::string(kApprovalState) + *state),
                          false, record));
    }
  }
  return mcp::refusal_response(inbound_.message, inbound_.era, refusal, record.id,
                               core_->proof_of(record), core_->token_in_body(record));
}

// ---- changed by people ----

Status ClientCall::change(Action& action, const std::string& params) {
  Result<jsonrpc::Message> message = with_params_of(inbound_.message, params);
  if (!message) {
    return fail(message.error());
  }
  const jsonrpc::Message before = std::exchange(inbound_.message, *std::move(message));
  Result<mcp::Decoded> decoded = decode();
  const bool is_same = decoded && decoded->action.params == params &&
                       decoded->action.tool == action.tool &&
                       decoded->action.resource == action.resource;
  if (!is_same) {
    inbound_.message = before;
    return decoded ? fail(Code::kInvalidParams, "they are those of another call")
                   : fail(decoded.error());
  }
  changed_.clear();
  const json::Value none;
  const json::Value* was = before.params_value();
  for (const json::Change& one :
       json::changes(was != nullptr ? *was : none, *inbound_.message.params_value(), kMostPlaces)) {
    changed_.push_back(one.pointer);
  }
  action.params = std::move(decoded->action.params);
  action.arguments = std::move(decoded->action.arguments);
  action.lossy_numbers = std::move(decoded->action.lossy_numbers);
  if (creating_call_) {
    creating_call_->params = action.params;
    creating_call_->arguments = action.arguments;
  }
  return {};
}

// The caller is told that what ran is not what it sent: models read text, programs `_meta`.
std::string ClientCall::with_change(std::string result) const {
  if (changed_.empty()) {
    return result;
  }
  std::string places = "[";
  std::string listed;
  for (const std::string& place : changed_) {
    places.append(places.size() == 1 ? "" : ",").append(json::quote(place));
    listed.append(listed.empty() ? "" : ", ").append(place.empty() ? "all of it" : place);
  }
  places += ']';
  result = mcp::with_meta(result, json::whole(result), names::kMetaApproval,
                          R"({"changed":)" + places + "}");
  const std::optional<json::Span> content = json::member(result, json::whole(result), "content");
  if (!content || result[content->begin] != '[') {
    return result;
  }
  const std::string told =
      R"({"type":"text","text":)" +
      json::quote("A person changed this call before it ran; what changed: " + listed + ".") + "}";
  const std::vector<json::Span> items = json::elements(result, *content);
  const std::size_t end = content->end - 1;
  return json::replaced(result, {end, end}, (items.empty() ? "" : ",") + told);
}

// ---- a task of ours that was not held ----

// Its client asked for a task: the answer is kept as that of one that has ended.
std::string ClientCall::finished_task(std::string result, const RecordRef& record) {
  const Result<json::Parsed> parsed = json::parse(result);
  const WallTime now = core_->parts.clock.wall();
  core_->own_tasks.begin(record.id, inbound_.caller, now);
  OwnTasks::Ended ended;
  ended.is_failure = !parsed || mcp::is_tool_error(parsed->value);
  ended.outcome = std::move(result);
  ended.at = now;
  mcp::OwnTaskView view = held_view(*core_, "", {});
  view.status = ended.is_failure ? mcp::TaskStatus::kFailed : mcp::TaskStatus::kCompleted;
  core_->own_tasks.end(record.id, std::move(ended));
  const Result<std::optional<std::string>> name = mcp::named(inbound_.message, *inbound_.info);
  view.handle =
      core_->own_tasks.handle(owner_of(inbound_), record.id, name ? name->value_or("") : "");
  return jsonrpc::response(
      inbound_.message.id_text,
      with_record(mcp::created_task_result(inbound_.era, view), false, record));
}

}  // namespace pawl::bridge
