#include "infrastructure/bridge/dispatch.h"

#include <algorithm>
#include <utility>

#include "foundation/records/kinds.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/fan_out.h"
#include "infrastructure/bridge/handshake.h"
#include "infrastructure/bridge/listen_all.h"
#include "infrastructure/bridge/server_request.h"
#include "infrastructure/bridge/subscription.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"

namespace pawl::bridge {
namespace {

void answer_fault(const Inbound& in, const jsonrpc::Fault& fault) {
  in.reply->answer(mcp::fault_response(in.message.id_text, fault, in.era),
                   {.status = fault.http_status}, nullptr);
}

void answer_error(const Inbound& in, const Error& error) {
  answer_fault(in, {error.code, error.message, "", 200});
}

void answer_plumbing(Core& core, const Inbound& in, std::string_view result) {
  if (refused_as_stopped(core, in)) {
    return;
  }
  in.reply->answer(jsonrpc::response(in.message.id_text, result), {},
                   core.parts.gateway.plumbing_gate(in.caller, in.server));
}

// The server whose task the handle is, on /mcp.
Result<std::string> server_of_task(const Core& core, const std::string& agent, mcp::Era era,
                                   const std::string& handle) {
  for (const std::string& server : core.parts.servers.names()) {
    if (core.tasks.open({agent, server, era}, handle)) {
      return server;
    }
  }
  return fail(Code::kInvalidParams, "no such task of this caller");
}

// Puts the changed message, or why it cannot be.
Status take(Inbound& in, Result<jsonrpc::Message> changed) {
  if (!changed) {
    return fail(changed.error());
  }
  in.message = std::move(*changed);
  return {};
}

// Handles of tasks become the upstream's ids; a subscription is masked to what may be read.
Status for_upstream(Core& core, Inbound& in) {
  if (in.info->verb == kinds::kSubscriptionListen) {
    return take(in, masked_listen(core, in));
  }
  if (in.info->name == mcp::NamePlace::kTaskId) {
    const Result<std::optional<std::string>> handle = mcp::named(in.message, *in.info);
    if (!handle) {
      return fail(handle.error());
    }
    const Result<TaskHandles::Opened> task = core.tasks.open(owner_of(in), **handle);
    if (!task) {
      return fail(task.error());
    }
    core.tasks.wrap(owner_of(in), task->id, task->tool);
    in.task_tool = task->tool;
    return take(in, mcp::with_name(in.message, *in.info, task->id));
  }
  if (mcp::meta_value(in.message.params_value(), mcp::kMetaRelatedTask) == nullptr) {
    return {};
  }
  const std::string opened =
      core.tasks.open_related(std::string(in.message.params_text()), owner_of(in));
  return take(in, jsonrpc::decode(jsonrpc::with_params(in.message, opened)));
}

// Room is looked for before the call is decided; what is allowed is noted when it is forwarded.
Status has_room_for_subscription(const Inbound& in) {
  if (!in.session || in.info->verb != kinds::kResourceSubscribe) {
    return {};
  }
  const Result<std::optional<std::string>> uri = mcp::named(in.message, *in.info);
  return uri && *uri ? in.session->may_subscribe(**uri) : Status{};
}

// Methods of the tasks extension are for clients that declare it, with each request.
bool lacks_tasks(const Inbound& in) {
  if (in.era == mcp::Era::kLegacy || in.info->name != mcp::NamePlace::kTaskId) {
    return false;
  }
  const json::Value* declared =
      mcp::meta_value(in.message.params_value(), mcp::kMetaClientCapabilities);
  return declared == nullptr ||
         json::find(*declared, {"extensions", mcp::kExtensionTasks}) == nullptr;
}

// A client asks for a task where its server makes none: it will be Pawl's own, and the server gets
// the call without the wish.
Status take_own_task(Inbound& in) {
  const json::Value* params = in.message.params_value();
  const bool is_asked = in.era == mcp::Era::kLegacy && in.info->verb == kinds::kToolCall &&
                        params != nullptr && json::find(*params, {"task"}) != nullptr;
  const std::string tool(params == nullptr ? ""
                                           : json::find_string(*params, {"name"}).value_or(""));
  if (!is_asked || !in.session || !in.session->own_tasks.cover(in.server, tool)) {
    return {};
  }
  in.own_task = true;
  const std::string_view text = in.message.params_text();
  return take(in, jsonrpc::decode(jsonrpc::with_params(
                      in.message, json::without_member(text, json::whole(text), "task"))));
}

void forward(const std::shared_ptr<Core>& core, Inbound&& in) {
  if (in.info->name == mcp::NamePlace::kTaskId && answer_own_task(core, in)) {
    return;
  }
  if (Status taken = take_own_task(in); !taken) {
    answer_error(in, taken.error());
    return;
  }
  if (Status ready = for_upstream(*core, in); !ready) {
    answer_error(in, ready.error());
    return;
  }
  if (Status room = has_room_for_subscription(in); !room) {
    answer_error(in, room.error());
    return;
  }
  ClientCall::start(core, std::move(in));
}

// The Exchange of a client's notification that carries data: handed over once.
class Told final : public Exchange {
 public:
  Told(std::shared_ptr<mcp::Upstream> upstream, jsonrpc::Message message)
      : upstream_(std::move(upstream)), message_(std::move(message)) {}
  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    upstream_->notify(message_, std::move(gate));
    events->answered(Answer{true, "{}"});
  }
  void abandon(Loss) override {}
  void release(std::shared_ptr<WriteGate>, const Answer&, const RecordRef&) override {}
  void refuse(const Refusal&, const RecordRef&) override {}

 private:
  const std::shared_ptr<mcp::Upstream> upstream_;
  const jsonrpc::Message message_;
};

void cancel(const Inbound& in) {
  if (!in.session || !in.message.params) {
    return;
  }
  const auto id = json::member(in.message.text, *in.message.params, "requestId");
  if (!id) {
    return;
  }
  for (const auto& call : in.session->calls_named(std::string(id->of(in.message.text)))) {
    call->inbound().reply->cancelled();
    call->withdraw("the client cancelled the request");
  }
}

// To the upstreams that already run for this session: a notification starts none.
void tell_servers(const std::shared_ptr<Core>& core, const Inbound& in) {
  const std::vector<std::string> servers =
      in.server.empty() ? core->parts.servers.names() : std::vector<std::string>{in.server};
  for (const std::string& server : servers) {
    const Result<std::shared_ptr<mcp::Upstream>> upstream =
        core->parts.servers.upstream(server, in.caller.agent, in.connection, in.era);
    if (!upstream || !(*upstream)->is_open()) {
      continue;
    }
    if (in.info->plumbing()) {
      (*upstream)->notify(in.message, core->parts.gateway.plumbing_gate(in.caller, server));
      continue;
    }
    const mcp::ActionContext context{core->parts.gateway.new_id(),
                                     in.caller,
                                     server,
                                     in.revision,
                                     Direction::kToServer,
                                     in.connection,
                                     core->parts.clock.wall(),
                                     core->parts.clock.boot()};
    Result<mcp::Decoded> decoded = mcp::make_action(in.message, *in.info, context);
    if (decoded) {
      core->parts.gateway.submit(std::move(decoded->action),
                                 std::make_unique<Told>(*upstream, in.message));
    }
  }
}

}  // namespace

Result<Routed> route(const Core& core, const Inbound& in) {
  const Result<std::optional<std::string>> name = mcp::named(in.message, *in.info);
  if (!name) {
    return fail(name.error());
  }
  if (!*name) {
    return fail(Code::kUnsupported, in.message.method + " names no server: use /mcp/{server}");
  }
  if (in.info->name == mcp::NamePlace::kTaskId) {
    Result<std::string> server = server_of_task(core, in.caller.agent, in.era, **name);
    return server ? Result<Routed>(Routed{std::move(*server), in.message}) : fail(server.error());
  }
  const json::Value* params = in.message.params_value();
  const bool by_uri = in.info->name == mcp::NamePlace::kParamsUri ||
                      (in.info->name == mcp::NamePlace::kRef &&
                       json::find_string(*params, {"ref", "type"}) == "ref/resource");
  if (by_uri) {
    Result<std::string> server = core.names.server_of_uri(**name);
    return server ? Result<Routed>(Routed{std::move(*server), in.message}) : fail(server.error());
  }
  const Result<mcp::Target> target = core.names.resolve(**name);
  if (!target) {
    return fail(target.error());
  }
  const std::vector<std::string> servers = core.parts.servers.names();
  if (std::find(servers.begin(), servers.end(), target->server) == servers.end()) {
    return fail(Code::kNotFound, "no server offers this name; ask for the list first");
  }
  Result<jsonrpc::Message> message = mcp::with_name(in.message, *in.info, target->name);
  return message ? Result<Routed>(Routed{target->server, std::move(*message)})
                 : fail(message.error());
}

void dispatch_request(const std::shared_ptr<Core>& core, Inbound&& in) {
  in.info =
      mcp::find_method(in.message.method, in.revision, mcp::Side::kClient, mcp::Form::kRequest);
  if (in.info == nullptr) {
    ++core->counters.unknown_methods;
    answer_fault(in, mcp::unknown_method(in.message.method, in.revision));
  } else if (in.message.method == "ping") {
    answer_plumbing(*core, in, "{}");
  } else if (in.message.method == "server/discover") {
    answer_discover(core, in);
  } else if (in.info->plumbing()) {  // initialize in an open session
    answer_fault(in, {Code::kInvalidRequest, "this session is initialized already", "", 400});
  } else if (lacks_tasks(in)) {
    answer_fault(in, {Code::kMissingCapability, "Missing required client capability",
                      R"({"requiredCapabilities":{"extensions":{)" +
                          json::quote(mcp::kExtensionTasks) + ":{}}}}",
                      400});
  } else if (!in.server.empty()) {
    forward(core, std::move(in));
  } else if (goes_to_all(*in.info)) {
    start_fan_out(core, std::move(in));
  } else if (in.info->verb == kinds::kSubscriptionListen) {
    start_listen_all(core, std::move(in));
  } else if (in.info->name == mcp::NamePlace::kTaskId && answer_own_task(core, in)) {
    return;
  } else if (Result<Routed> routed = route(*core, in)) {
    in.server = std::move(routed->server);
    in.message = std::move(routed->message);
    forward(core, std::move(in));
  } else {
    answer_error(in, routed.error());
  }
}

bool dispatch_notification(const std::shared_ptr<Core>& core, Inbound in) {
  in.info = mcp::find_method(in.message.method, in.revision, mcp::Side::kClient,
                             mcp::Form::kNotification);
  if (in.info == nullptr) {
    ++core->counters.unknown_methods;
    return false;
  }
  if (in.message.method == "notifications/cancelled") {
    cancel(in);
  } else if (in.session && in.message.method != "notifications/initialized") {
    tell_servers(core, in);
  }
  return true;
}

bool dispatch_response(Core& core, Session& session, const jsonrpc::Message& response) {
  const std::shared_ptr<AskedRequest> request = session.asked(response.id_text);
  if (!request) {
    ++core.counters.late_client_answers;
    return false;
  }
  request->client_answered(response);
  return true;
}

}  // namespace pawl::bridge
