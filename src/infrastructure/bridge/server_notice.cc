#include "infrastructure/bridge/server_notice.h"

#include <utility>

#include "infrastructure/bridge/client_call.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/mcp/tasks.h"

namespace pawl::bridge {
namespace {

// The Exchange of one notification: sent once, nothing comes back.
class Notice final : public Exchange {
 public:
  Notice(std::shared_ptr<Core> core, Destination to, std::string text)
      : core_(std::move(core)), to_(std::move(to)), text_(std::move(text)) {}

  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    if (to_.call) {
      to_.call->note_event(text_);
    }
    to_.outlet->send(std::move(text_), std::move(gate),
                     [weak = std::weak_ptr<CallEvents>(events)](bool left) {
                       const std::shared_ptr<CallEvents> call = weak.lock();
                       if (call && left) {
                         call->answered(Answer{true, "{}"});
                       } else if (call) {
                         call->lost(Loss::kNotSent, "the client does not listen");
                       }
                     });
    if (to_.call) {
      to_.call->slow_down();
    }
  }
  void abandon(Loss) override {}
  void release(std::shared_ptr<WriteGate>, const Answer&, const RecordRef&) override {}
  void refuse(const Refusal&, const RecordRef&) override {}

 private:
  const std::shared_ptr<Core> core_;
  const Destination to_;
  std::string text_;
};

// The text for the client: task ids are handles there, and no key of ours is the server's.
std::string client_text(Core& core, const Destination& to, const mcp::MethodInfo& info,
                        const jsonrpc::Message& notification) {
  std::string text = mcp::without_own_keys(notification.text);
  const auto span = json::member(text, json::whole(text), "params");
  if (!notification.params || !span) {
    return text;
  }
  std::string params(span->of(text));
  if (info.name == mcp::NamePlace::kTaskId) {
    params = core.tasks.wrap_member(params, owner_of(to));
  }
  params = core.tasks.wrap_related(std::move(params), owner_of(to));
  return json::replaced(text, *span, params);
}

// A task of another agent is nothing to this one.
bool is_foreign_task(const Core& core, const Destination& to, const mcp::MethodInfo& info,
                     const jsonrpc::Message& notification) {
  if (info.name != mcp::NamePlace::kTaskId || notification.params_value() == nullptr) {
    return false;
  }
  const auto task = mcp::task_view(*notification.params_value());
  return !task || !core.tasks.is_known(owner_of(to), task->id);
}

}  // namespace

void deliver_notification(const std::shared_ptr<Core>& core, const Destination& to,
                          const jsonrpc::Message& notification) {
  const mcp::MethodInfo* info = mcp::find_method(notification.method, to.revision,
                                                 mcp::Side::kServer, mcp::Form::kNotification);
  if (info == nullptr || is_foreign_task(*core, to, *info, notification) ||
      (to.call && !to.call->may_pass(notification.text))) {
    ++core->counters.dropped_server_messages;
    return;
  }
  std::string text = client_text(*core, to, *info, notification);
  core->note_change(to.server, notification.method);
  if (info->plumbing()) {
    if (to.call) {
      to.call->emit(std::move(text));
    } else {
      to.outlet->send(std::move(text), core->parts.gateway.plumbing_gate(to.caller, to.server),
                      nullptr);
    }
    return;
  }
  const mcp::ActionContext context{core->parts.gateway.new_id(),
                                   to.caller,
                                   to.server,
                                   to.revision,
                                   Direction::kToClient,
                                   to.session ? to.session->id() : "",
                                   core->parts.clock.wall(),
                                   core->parts.clock.boot()};
  Result<mcp::Decoded> decoded = mcp::make_action(notification, *info, context);
  if (!decoded) {
    ++core->counters.dropped_server_messages;
    return;
  }
  if (info->name == mcp::NamePlace::kTaskId) {  // not a foreign one, as was seen above
    decoded->action.task_tool =
        core->tasks.tool_of(owner_of(to), mcp::task_view(*notification.params_value())->id);
  }
  core->parts.gateway.submit(std::move(decoded->action),
                             std::make_unique<Notice>(core, to, std::move(text)));
}

}  // namespace pawl::bridge
