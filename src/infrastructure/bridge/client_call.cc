#include "infrastructure/bridge/client_call.h"

#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/kept_bytes.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/request_headers.h"
#include "infrastructure/mcp/result.h"

namespace pawl::bridge {
namespace {

bool may_create_task(const Inbound& in) {
  const json::Value* params = in.message.params_value();
  if (in.info->verb != kinds::kToolCall || params == nullptr) {
    return false;
  }
  if (in.era == mcp::Era::kLegacy) {
    return json::find(*params, {"task"}) != nullptr;
  }
  const json::Value* capabilities = mcp::meta_value(params, mcp::kMetaClientCapabilities);
  return capabilities != nullptr &&
         json::find(*capabilities, {"extensions", mcp::kExtensionTasks}) != nullptr;
}

const mcp::ToolPolicy* tool_policy(const mcp::ServerConfig* config, const std::string& tool) {
  if (config == nullptr) {
    return nullptr;
  }
  auto found = config->tools.find(tool);
  if (found == config->tools.end()) {
    found = config->tools.find("*");
  }
  return found == config->tools.end() ? nullptr : &found->second;
}

}  // namespace

class ClientCall::Half final : public Exchange {
 public:
  explicit Half(std::shared_ptr<ClientCall> call) : call_(std::move(call)) {}
  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    call_->forward(std::move(gate), events);
  }
  void held(const std::shared_ptr<CallEvents>& events, const PendingApproval& pending) override {
    call_->held(events, pending);
  }
  std::size_t kept_bytes() const override { return call_->kept_bytes(); }
  Status change(Action& action, const std::string& params) override {
    return call_->change(action, params);
  }
  void abandon(Loss why) override { call_->abandon(why); }
  void release(std::shared_ptr<WriteGate> gate, const Answer& answer,
               const RecordRef& record) override {
    call_->release(std::move(gate), answer, record);
  }
  void refuse(const Refusal& refusal, const RecordRef& record) override {
    call_->refuse(refusal, record);
  }

 private:
  std::shared_ptr<ClientCall> call_;
};

class ClientCall::Incoming final : public mcp::ExchangeEvents {
 public:
  explicit Incoming(std::weak_ptr<ClientCall> call) : call_(std::move(call)) {}
  void on_message(jsonrpc::Message message) override {
    if (const auto call = call_.lock()) {
      call->message(std::move(message));
    }
  }
  void on_polling() override {
    if (const auto call = call_.lock()) {
      call->inbound_.reply->let_poll();
    }
  }
  void on_response(jsonrpc::Message response) override {
    if (const auto call = call_.lock()) {
      call->response(response);
    }
  }
  void on_lost(Loss loss, std::string detail) override {
    if (const auto call = call_.lock()) {
      call->lost(loss, std::move(detail));
    }
  }

 private:
  std::weak_ptr<ClientCall> call_;
};

ClientCall::ClientCall(std::shared_ptr<Core> core, Inbound&& inbound)
    : core_(std::move(core)), inbound_(std::move(inbound)) {}
ClientCall::~ClientCall() {
  end();
}

// The call that may create a task is a copy of the Action; its tree is the message's.
std::size_t ClientCall::kept_bytes() const {
  std::size_t bytes = bridge::kept_bytes(inbound_) + bridge::kept_bytes(parent_tokens_);
  if (creating_call_) {
    bytes += creating_call_->params.capacity() + bridge::kept_bytes(creating_call_->lossy_numbers) +
             bridge::kept_bytes(creating_call_->parent_tokens) +
             bridge::kept_bytes(creating_call_->policy_tokens);
  }
  return bytes;
}

// ---- to an Action ----

Result<mcp::Decoded> ClientCall::decode() const {
  const Inbound& in = inbound_;
  return mcp::make_action(in.message, *in.info,
                          {id_, in.caller, in.server, in.revision, Direction::kToServer,
                           in.connection, core_->parts.clock.wall(), core_->parts.clock.boot()});
}

void ClientCall::start(std::shared_ptr<Core> core, Inbound&& inbound) {
  const auto call = std::make_shared<ClientCall>(std::move(core), std::move(inbound));
  call->id_ = call->core_->parts.gateway.new_id();
  Result<mcp::Decoded> decoded = call->decode();
  if (!decoded) {
    call->fault(decoded.error());
    return;
  }
  call->repeat_ = decoded->repeat_of.has_value();
  std::vector<Cause> causes;
  if (Status state = call->repeat_ ? Status{} : call->take_request_state(causes); !state) {
    call->fault(state.error());
    return;
  }
  if (call->used_state_ || call->inbound_.waited_for) {  // rules and digest cover what is forwarded
    decoded = call->decode();
    if (!decoded) {
      call->fault(decoded.error());
      return;
    }
  }
  decoded->action.causes = std::move(causes);
  decoded->action.task_tool = call->inbound_.task_tool;
  decoded->action.repeat_of = decoded->repeat_of;
  call->submit(std::move(*decoded));
}

// The client carries our state; the upstream gets its own back.
Status ClientCall::take_request_state(std::vector<Cause>& causes) {
  const Inbound& in = inbound_;
  if (in.era == mcp::Era::kLegacy || !in.info->may_need_input || in.runs_task) {
    return {};
  }
  const Result<std::optional<std::string>> text = mcp::request_state_of(in.message);
  if (!text) {
    return fail(text.error());
  }
  if (!*text) {
    return {};
  }
  const Result<std::optional<std::string>> name = mcp::named(in.message, *in.info);
  if (!name) {
    return fail(name.error());
  }
  const mcp::StateBinding binding{in.caller.agent, in.server, in.message.method, name->value_or(""),
                                  mcp::params_digest(in.message)};
  return (*text)->starts_with(kApprovalState) ? take_approval_state(**text, binding)
                                              : take_server_state(**text, binding, causes);
}

Status ClientCall::take_server_state(std::string_view text, const mcp::StateBinding& binding,
                                     std::vector<Cause>& causes) {
  const WallTime now = core_->parts.clock.wall();
  Result<mcp::OpenedState> opened = core_->states.open(binding, text, now);
  if (!opened) {
    return fail(opened.error());
  }
  if (Status unused = core_->used_states.unused(opened->nonce); !unused) {
    return unused;
  }
  Result<jsonrpc::Message> message = mcp::with_upstream_state(inbound_.message, opened->upstream);
  if (!message) {
    return fail(message.error());
  }
  inbound_.message = std::move(*message);
  causes.push_back(Cause{opened->record, Basis::kDeclared});
  used_state_ = *std::move(opened);
  return {};
}

void ClientCall::submit(mcp::Decoded&& decoded) {
  Action& action = decoded.action;
  action.parent_tokens = inbound_.tokens;
  action.parent_tokens.insert(action.parent_tokens.end(), decoded.parents.begin(),
                              decoded.parents.end());
  action.policy_disagrees =
      !inbound_.policy.empty() && !decoded.policy.empty() && inbound_.policy != decoded.policy;
  action.policy_tokens = inbound_.policy.empty() ? std::move(decoded.policy) : inbound_.policy;
  if (action.traceparent.empty()) {
    action.traceparent = inbound_.traceparent;
  }
  if (action.verb == kinds::kToolCall) {
    const mcp::ServerConfig* config = core_->parts.servers.config(inbound_.server);
    if (const mcp::ToolPolicy* policy = tool_policy(config, action.tool)) {
      action.read_only = policy->read_only;
      action.idempotent = policy->idempotent;
    }
  }
  presents_tokens_ = !action.parent_tokens.empty() || !action.policy_tokens.empty();
  idempotent_ = action.idempotent;
  parent_tokens_ = action.parent_tokens;
  traceparent_ = action.traceparent;
  trace_in_meta_ =
      inbound_.era == mcp::Era::kModern ||
      mcp::meta_value(inbound_.message.params_value(), names::kFieldTraceparent) != nullptr;
  if (may_create_task(inbound_)) {
    creating_call_ = action;
  }
  const std::shared_ptr<ClientCall> self = shared_from_this();
  if (inbound_.session) {
    inbound_.session->opened(inbound_.message.id_text, self);
  }
  inbound_.reply->on_gone([weak = weak_from_this()] {
    if (const auto call = weak.lock()) {
      call->withdraw("the client closed the connection");
    }
  });
  core_->parts.gateway.submit(std::move(action), std::make_unique<Half>(self));
}

void ClientCall::withdraw(std::string why) {
  if (ended_) {
    return;
  }
  const std::shared_ptr<CallEvents> events = events_.lock();
  if (events && acknowledged_) {  // a subscription ends in order when its client ends it
    exchange_.reset();
    events->answered(Answer{true, R"({"resultType":"complete"})"});
  } else if (events) {
    events->withdrawn(std::move(why));
  } else {
    withdrawn_ = std::move(why);  // told as soon as the gateway forwards
  }
}

// ---- to the upstream ----

void note_subscription(const Inbound& in) {
  const bool begins = in.info->verb == kinds::kResourceSubscribe;
  if (!in.session || (!begins && in.info->verb != kinds::kResourceUnsubscribe)) {
    return;
  }
  const Result<std::optional<std::string>> uri = mcp::named(in.message, *in.info);
  if (uri && *uri) {
    begins ? in.session->subscribed(in.server, **uri) : in.session->unsubscribed(in.server, **uri);
  }
}

void ClientCall::forward(std::shared_ptr<WriteGate> gate,
                         const std::shared_ptr<CallEvents>& events) {
  is_held_ = false;
  gate_ = std::move(gate);
  events_ = events;
  if (withdrawn_) {
    events->withdrawn(*withdrawn_);
    return;
  }
  leave_page();
  if (used_state_) {  // a round that waited for people has used nothing up
    const WallTime now = core_->parts.clock.wall();
    const Status once = core_->used_states.redeem(used_state_->nonce, used_state_->expires, now);
    if (!once) {
      fault_ = jsonrpc::Fault{once.error().code, once.error().message, "", 200};
      lost(Loss::kNotSent, once.error().message);
      return;
    }
    used_state_.reset();
  }
  Result<std::shared_ptr<mcp::Upstream>> upstream = core_->parts.servers.upstream(
      inbound_.server, inbound_.caller.agent, inbound_.connection, inbound_.era);
  if (!upstream) {
    lost(Loss::kNotSent, upstream.error().message);
    return;
  }
  upstream_ = std::move(*upstream);
  note_subscription(inbound_);
  core_->links.listen(core_, inbound_.server, upstream_);
  const bool legacy = inbound_.era == mcp::Era::kLegacy;
  if (legacy) {
    core_->links.add_session(upstream_.get(), inbound_.session);
  }
  if (const mcp::UpstreamHello* hello = upstream_->hello()) {
    upstream_started(*hello);
    return;
  }
  upstream_->start({inbound_.era, legacy ? inbound_.session->initialize_params : std::string()},
                   [weak = weak_from_this()](const Result<mcp::UpstreamHello>& hello) {
                     const auto call = weak.lock();
                     if (!call || call->ended_ || !call->upstream_) {
                       return;
                     }
                     if (hello) {
                       call->upstream_started(*hello);
                     } else {
                       call->lost(Loss::kNotSent, hello.error().message);
                     }
                   });
}

void ClientCall::upstream_started(const mcp::UpstreamHello& hello) {
  if (hello.era == inbound_.era) {
    send_request();
  } else {
    refuse_era(hello);
  }
}

// The server spoke the client's era once, or was never asked.
void ClientCall::refuse_era(const mcp::UpstreamHello& hello) {
  std::vector<std::string> spoken = hello.revisions;
  if (!core_->parts.servers.is_shim(inbound_.server, inbound_.connection)) {
    core_->revisions.note(inbound_.server, inbound_.era, hello);
    spoken = core_->revisions.of(inbound_.server);
    core_->parts.servers.release(inbound_.server, upstream_);
  }
  fault_ = inbound_.era == mcp::Era::kModern
               ? mcp::modern_client_legacy_server(inbound_.server, spoken, inbound_.revision)
               : mcp::legacy_client_modern_server(inbound_.server, spoken, inbound_.revision);
  lost(Loss::kNotSent, fault_->message);
}

void ClientCall::send_request() {
  http::Headers headers;
  if (inbound_.era == mcp::Era::kModern) {
    const Result<std::optional<std::string>> name = mcp::named(inbound_.message, *inbound_.info);
    const std::vector<mcp::ParamHeader>* params =
        inbound_.info->verb == kinds::kToolCall && name && *name
            ? core_->parts.servers.params_of(inbound_.server, **name)
            : nullptr;
    headers = mcp::upstream_headers(inbound_.message, *inbound_.info, inbound_.revision, params,
                                    &inbound_.headers);
  }
  const std::shared_ptr<CallEvents> events = events_.lock();
  const std::string own = events ? events->traceparent() : std::string();
  if (const std::string& trace = own.empty() ? traceparent_ : own; !trace.empty()) {
    headers.set(names::kFieldTraceparent, trace);
  }
  if (inbound_.session) {
    core_->links.add_call(upstream_.get(), shared_from_this());
  }
  if (inbound_.info->verb == kinds::kSubscriptionListen) {
    core_->subscriptions.push_back(inbound_.reply);
  }
  exchange_ =
      upstream_->request(mcp::Upstream::Request{inbound_.message, std::move(headers), id_.text(),
                                                idempotent_, trace_in_meta_ ? own : std::string()},
                         gate_, std::make_shared<Incoming>(weak_from_this()));
}

void ClientCall::abandon(Loss why) {
  if (exchange_ && why == Loss::kTimeout) {
    exchange_->timed_out();
  }
  exchange_.reset();  // cancels as the upstream's protocol says
}

void ClientCall::lost(Loss loss, std::string detail) {
  if (const std::shared_ptr<CallEvents> events = events_.lock()) {
    events->lost(loss, std::move(detail));
  }
}

}  // namespace pawl::bridge
