#include "infrastructure/bridge/server_request.h"

#include <utility>

#include "base/log.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/kept_bytes.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/result.h"

namespace pawl::bridge {

class ServerRequest::Half final : public Exchange {
 public:
  explicit Half(std::shared_ptr<ServerRequest> request) : request_(std::move(request)) {}
  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    request_->forward(std::move(gate), events);
  }
  std::size_t kept_bytes() const override { return bridge::kept_bytes(request_->request_); }
  void abandon(Loss) override { request_->abandon(); }
  void release(std::shared_ptr<WriteGate> gate, const Answer& answer, const RecordRef&) override {
    request_->release(std::move(gate), answer);
  }
  void refuse(const Refusal& refusal, const RecordRef& record) override {
    request_->refuse(refusal, record);
  }

 private:
  std::shared_ptr<ServerRequest> request_;
};

void ServerRequest::start(const std::shared_ptr<Core>& core, Destination to,
                          jsonrpc::Message request) {
  const mcp::MethodInfo* info =
      mcp::find_method(request.method, to.revision, mcp::Side::kServer, mcp::Form::kRequest);
  const auto self = std::make_shared<ServerRequest>(core, std::move(to), std::move(request));
  const Destination& where = self->to_;
  const auto plumbing = core->parts.gateway.plumbing_gate(where.caller, where.server);
  if (info != nullptr && info->plumbing()) {  // ping
    self->answer_server("{}", false, plumbing);
    return;
  }
  if (info == nullptr) {
    ++core->counters.unknown_methods;
    self->answer_server(
        jsonrpc::error_object(jsonrpc::error_row(Code::kUnknownMethod).rpc_code, "Unknown method"),
        true, plumbing);
    return;
  }
  if (where.call && !where.call->may_pass(self->request_.text)) {
    ++core->counters.dropped_server_messages;
    self->answer_server(
        jsonrpc::error_object(jsonrpc::error_row(Code::kDenied).rpc_code,
                              "a rule takes things out of the answer to the call that this belongs "
                              "to, so it is held back"),
        true, plumbing);
    return;
  }
  const mcp::ActionContext context{core->parts.gateway.new_id(),
                                   where.caller,
                                   where.server,
                                   where.revision,
                                   Direction::kToClient,
                                   where.session->id(),
                                   core->parts.clock.wall(),
                                   core->parts.clock.boot()};
  Result<mcp::Decoded> decoded = mcp::make_action(self->request_, *info, context);
  if (!decoded) {
    self->answer_server(jsonrpc::error_object(jsonrpc::error_row(decoded.error().code).rpc_code,
                                              decoded.error().message),
                        true, plumbing);
    return;
  }
  core->parts.gateway.submit(std::move(decoded->action), std::make_unique<Half>(self));
}

void ServerRequest::forward(std::shared_ptr<WriteGate> gate,
                            const std::shared_ptr<CallEvents>& events) {
  events_ = events;
  Result<std::string> id = to_.session->ask(shared_from_this());
  if (!id) {
    lost(Loss::kNotSent, id.error().message);
    return;
  }
  our_id_ = std::move(*id);
  std::string text = mcp::without_own_keys(jsonrpc::with_id(request_, our_id_));
  if (const Result<jsonrpc::Message> ours = jsonrpc::decode(text); ours && ours->params) {
    std::string params = core_->tasks.wrap_related(std::string(ours->params_text()), owner_of(to_));
    text = json::replaced(text, *ours->params, params);
  }
  if (to_.call) {
    to_.call->note_event(text);
  }
  to_.outlet->send(std::move(text), std::move(gate), [weak = weak_from_this()](bool left) {
    const auto self = weak.lock();
    if (self && !left) {
      self->abandon();
      self->lost(Loss::kNotSent, "the client does not listen");
    }
  });
}

void ServerRequest::client_answered(const jsonrpc::Message& response) {
  to_.session->answered(std::exchange(our_id_, {}));
  answer_is_error_ = response.kind == jsonrpc::Kind::kErrorResponse;
  if (const std::shared_ptr<CallEvents> events = events_.lock()) {
    Answer answer = mcp::answer_of(response);
    answer.body = mcp::without_forged_keys(std::move(answer.body));
    answer.body = core_->tasks.open_related(std::move(answer.body), owner_of(to_));
    answer.value = nullptr;
    events->answered(std::move(answer));
  } else {
    ++core_->counters.late_client_answers;
  }
}

void ServerRequest::client_left() {
  our_id_.clear();
  lost(Loss::kConnection, "the client's session ended");
}

void ServerRequest::server_cancelled(const mcp::Upstream* upstream, std::string_view id) {
  if (to_.upstream.get() != upstream || request_.id_text != id) {
    return;
  }
  if (const std::shared_ptr<CallEvents> events = events_.lock()) {
    events->withdrawn("the server cancelled its request");
  }
}

// The client is told that nobody waits any more.
void ServerRequest::abandon() {
  if (our_id_.empty()) {
    return;
  }
  to_.session->answered(our_id_);
  to_.outlet->send(jsonrpc::notification("notifications/cancelled",
                                         R"({"requestId":)" + std::exchange(our_id_, {}) + "}"),
                   core_->parts.gateway.plumbing_gate(to_.caller, to_.server), nullptr);
}

void ServerRequest::release(std::shared_ptr<WriteGate> gate, const Answer& answer) {
  answer_server(answer.body, answer_is_error_, std::move(gate));
}

void ServerRequest::refuse(const Refusal& refusal, const RecordRef& record) {
  abandon();
  answer_server(mcp::refusal_error(mcp::Era::kLegacy, refusal, record.id), true,
                core_->parts.gateway.plumbing_gate(to_.caller, to_.server));
}

void ServerRequest::answer_server(std::string_view body, bool is_error,
                                  std::shared_ptr<WriteGate> gate) {
  if (to_.upstream) {
    to_.upstream->answer(request_.id_text, body, is_error, std::move(gate), [](bool) {});
  }
}

void ServerRequest::lost(Loss loss, std::string detail) {
  if (const std::shared_ptr<CallEvents> events = events_.lock()) {
    events->lost(loss, std::move(detail));
  }
}

}  // namespace pawl::bridge
