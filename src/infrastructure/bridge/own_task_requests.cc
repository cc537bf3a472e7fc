// What clients ask of tasks of Pawl's own. Threading: the I/O thread.
#include <algorithm>
#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/handshake.h"
#include "infrastructure/bridge/own_tasks.h"
#include "infrastructure/mcp/approval_shapes.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/refusal.h"
#include "infrastructure/mcp/result.h"

namespace pawl::bridge {
namespace {

using Opened = OwnTasks::Opened;
using State = HeldStanding::State;

constexpr std::string_view kToolsCall = "tools/call";

// Where the answer of the call behind a task goes. It takes nothing that comes before it: the
// client is not there while the call runs.
class TaskReply final : public Reply {
 public:
  TaskReply(std::shared_ptr<Core> core, const Uuid& task) : core_(std::move(core)), task_(task) {}

  void send(std::string, std::shared_ptr<WriteGate>, std::function<void(bool)> left) override {
    if (left) {
      core_->parts.scheduler.post([left = std::move(left)] { left(false); });
    }
  }
  void answer(std::string text, Head, std::shared_ptr<WriteGate> gate) override {
    const bool is_open = gate == nullptr || gate->pass([] {});
    const Result<jsonrpc::Message> response = jsonrpc::decode(text);
    const bool is_read = response && (response->result || response->error);
    OwnTasks::Ended ended;
    ended.at = core_->parts.clock.wall();
    if (!is_open || !is_read) {
      ended.outcome = mcp::refusal_error(
          mcp::Era::kLegacy,
          {Code::kStopped, "tasks", "", "the answer of this task was held back", false, 0}, Uuid{});
      ended.is_error = ended.is_failure = true;
    } else {
      const Answer answer = mcp::answer_of(*response);
      ended.outcome = answer.body;
      ended.is_error = response->error.has_value();
      ended.is_failure = !answer.success;
      const json::Value* approval = mcp::meta_value(response->result_value(), names::kMetaApproval);
      ended.is_held = approval != nullptr && json::find(*approval, {"expires"}) != nullptr;
    }
    core_->own_tasks.end(task_, std::move(ended));
  }
  void on_gone(std::function<void()> handler) override {
    core_->own_tasks.withdraw_by(task_, std::move(handler));
  }
  std::size_t queued_bytes() const override { return 0; }
  void on_drained(std::function<void()> handler) override {
    core_->parts.scheduler.post(std::move(handler));
  }

 private:
  const std::shared_ptr<Core> core_;
  const Uuid task_;
};

// The params of the call behind a task, as its caller sent them, as a request of that caller now.
// It declares nothing: nobody is there to be asked while it runs.
Result<jsonrpc::Message> call_message(const Inbound& in, const Uuid& task,
                                      const std::string& kept) {
  std::string params = kept;
  if (in.era == mcp::Era::kModern) {
    const std::string_view asked = in.message.params_text();
    for (std::string_view key : {mcp::kMetaClientInfo, mcp::kMetaProtocolVersion}) {
      if (const auto raw = mcp::meta_text(asked, json::whole(asked), key)) {
        params = mcp::with_meta(params, json::whole(params), key, *raw);
      }
    }
    params = mcp::with_meta(params, json::whole(params), mcp::kMetaClientCapabilities, "{}");
  }
  return jsonrpc::decode(R"({"jsonrpc":"2.0","id":)" + json::quote("pawl-task-" + task.text()) +
                         R"(,"method":)" + json::quote(kToolsCall) + R"(,"params":)" + params +
                         "}");
}

void run(const std::shared_ptr<Core>& core, const Inbound& in, const Uuid& task,
         const HeldStanding& stands) {
  Result<jsonrpc::Message> message = call_message(in, task, stands.params);
  const mcp::MethodInfo* info =
      mcp::find_method(kToolsCall, in.revision, mcp::Side::kClient, mcp::Form::kRequest);
  core->own_tasks.begin(task, in.caller, core->parts.clock.wall());
  if (!message || info == nullptr) {
    core->own_tasks.end(
        task, {mcp::refusal_error(
                   in.era,
                   {Code::kInternal, "tasks", "", "the call of this task cannot be read", false, 0},
                   Uuid{}),
               true, true, false, false, core->parts.clock.wall()});
    return;
  }
  Inbound call;
  call.caller = in.caller;
  call.server = stands.server;
  call.era = in.era;
  call.revision = in.revision;
  call.message = *std::move(message);
  call.info = info;
  call.runs_task = true;
  call.connection = in.connection;
  call.session = in.session;
  call.reply = std::make_shared<TaskReply>(core, task);
  ClientCall::start(core, std::move(call));
}

// Time is in the id: of an approval, or of the record of a call that ended at once.
WallTime began_at(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    ms = ms << 8 | id.bytes[i];
  }
  return WallTime{ms * 1'000};
}

// A tool's result that says isError fails a task of 2025-11-25; in the extension it is a result.
mcp::OwnTaskView view_of(mcp::Era era, const std::string& handle, const Uuid& id,
                         const OwnTasks::Task& task) {
  mcp::OwnTaskView out;
  out.handle = handle;
  out.created = began_at(id);
  out.updated = task.ended ? task.ended->at : task.began;
  out.ttl_ms = (out.updated.us - out.created.us) / 1'000 +
               std::chrono::milliseconds(OwnTasks::kKept).count();
  out.poll_ms = OwnTasks::kPollInterval.count();
  if (task.ended) {
    const bool is_failed = era == mcp::Era::kLegacy ? task.ended->is_failure : task.ended->is_error;
    out.status = task.ended->is_cancelled ? mcp::TaskStatus::kCancelled
                 : is_failed              ? mcp::TaskStatus::kFailed
                                          : mcp::TaskStatus::kCompleted;
    out.outcome = task.ended->outcome;
  }
  return out;
}

class TaskDesk {
 public:
  TaskDesk(std::shared_ptr<Core> core, Inbound& in, Opened opened, std::string handle)
      : core_(std::move(core)), in_(in), id_(opened.id), handle_(std::move(handle)) {}

  void answer() {
    if (refused_as_stopped(*core_, in_)) {
      return;
    }
    if (in_.info->verb == kinds::kTaskGet) {
      get();
    } else if (in_.info->verb == kinds::kTaskResult) {
      result();
    } else if (in_.info->verb == kinds::kTaskCancel) {
      cancel();
    } else {
      refuse(Code::kInvalidParams, "this task asks for no input");
    }
  }

 private:
  void get() {
    if (const OwnTasks::Task* task = known()) {
      say(view_of(in_.era, handle_, id_, *task));
      return;
    }
    const Result<HeldStanding> stands = standing();
    if (!stands) {
      return;
    }
    if (stands->state == State::kApproved) {
      run(core_, in_, id_, *stands);
      if (const OwnTasks::Task* task = known()) {
        say(view_of(in_.era, handle_, id_, *task));
        return;
      }
    }
    mcp::OwnTaskView view = held_view(*core_, handle_, stands->pending);
    if (stands->state == State::kEnded) {
      view.status = mcp::TaskStatus::kFailed;
      view.message = stands->reason;
      view.outcome = ended_error(*stands);
      core_->parts.gateway.told_of_approval(id_);
    }
    say(view);
  }

  // Legacy: waits for the end.
  void result() {
    if (known() == nullptr) {
      const Result<HeldStanding> stands = standing();
      if (!stands) {
        return;
      }
      if (stands->state == State::kEnded) {
        send(jsonrpc::error_response(in_.message.id_text, ended_error(*stands)));
        core_->parts.gateway.told_of_approval(id_);
        return;
      }
      run(core_, in_, id_, *stands);
    }
    OwnTasks::Task* task = known();
    if (task == nullptr) {  // it is held, and people were not waited for
      refuse(Code::kApprovalRequired, "people have not decided on the call of this task yet");
    } else if (task->ended) {
      tell_end(core_, in_, handle_, *task->ended);
    } else if (task->waiting.size() >= OwnTasks::kMostWaiting) {
      refuse(Code::kOverloaded, "too many wait for the end of this task");
    } else {
      task->waiting.push_back(
          [core = core_, in = who_waits(), handle = handle_](const OwnTasks::Ended& ended) {
            tell_end(core, in, handle, ended);
          });
    }
  }

  void cancel() {
    OwnTasks::Task* task = known();
    if (task == nullptr) {
      if (Status done = core_->parts.gateway.cancel_approval(id_, in_.caller); !done) {
        refuse(Code::kInvalidParams, done.error().code == Code::kNotFound
                                         ? "no such task of this caller"
                                         : "this task has ended already");
        return;
      }
    } else if (task->ended || !task->withdraw) {
      refuse(Code::kInvalidParams, "this task has ended already");
      return;
    } else {
      (void)core_->parts.gateway.cancel_approval(id_, in_.caller);  // which the call may wait for
      task->is_withdrawn = true;
      if (const std::function<void()> withdraw = std::exchange(task->withdraw, nullptr)) {
        withdraw();
      }
    }
    mcp::OwnTaskView view = held_view(*core_, handle_, {});
    view.status = mcp::TaskStatus::kCancelled;
    send(jsonrpc::response(in_.message.id_text, in_.era == mcp::Era::kLegacy
                                                    ? mcp::task_result(in_.era, view)
                                                    : R"({"resultType":"complete"})"));
  }

  // What an answer needs of the request, and nothing of its body: it may be large, and wait for
  // long.
  Inbound who_waits() const {
    Inbound out;
    out.caller = in_.caller;
    out.server = in_.server;
    out.era = in_.era;
    out.reply = in_.reply;
    out.message.id_text = in_.message.id_text;
    return out;
  }
  OwnTasks::Task* known() { return core_->own_tasks.find(id_, in_.caller); }
  // Fails after it told the client.
  Result<HeldStanding> standing() {
    Result<HeldStanding> stands = core_->parts.gateway.standing_of(id_, in_.caller);
    if (!stands) {
      refuse(Code::kInvalidParams,
             "no such task of this caller, or its answer is not kept any more. If a call was made "
             "for this task, do not call again: record or approval " +
                 id_.text() + " tells what became of it");
    }
    return stands;
  }
  std::string ended_error(const HeldStanding& stands) const {
    if (stands.was_used) {  // no refusal of a call: it went on, as a repeat of it would be told
      return mcp::refusal_error(in_.era, {Code::kConflict, "approval", "", stands.reason, false, 0},
                                stands.record.value_or(Uuid{}));
    }
    return mcp::refusal_error(in_.era, {Code::kDenied, "approval", "", stands.reason, false, 0},
                              Uuid{});
  }
  void say(const mcp::OwnTaskView& view) {
    send(jsonrpc::response(in_.message.id_text, mcp::task_result(in_.era, view)));
  }
  void send(std::string text) { give(*core_, in_, std::move(text)); }
  void refuse(Code code, const std::string& why) {
    in_.reply->answer(mcp::fault_response(in_.message.id_text, Error{code, why}, in_.era), {},
                      nullptr);
  }

  static void give(Core& core, const Inbound& in, std::string text) {
    in.reply->answer(std::move(text), {}, core.parts.gateway.plumbing_gate(in.caller, in.server));
  }
  static void tell_end(const std::shared_ptr<Core>& core, const Inbound& in,
                       const std::string& handle, const OwnTasks::Ended& ended) {
    const std::string& id = in.message.id_text;
    give(*core, in,
         ended.is_error
             ? jsonrpc::error_response(id, ended.outcome)
             : jsonrpc::response(id, mcp::with_meta(ended.outcome, json::whole(ended.outcome),
                                                    mcp::kMetaRelatedTask,
                                                    R"({"taskId":)" + json::quote(handle) + "}")));
  }

  const std::shared_ptr<Core> core_;
  Inbound& in_;
  const Uuid id_;
  const std::string handle_;
};

std::optional<std::pair<Opened, std::string>> opened_by(const Core& core, const Inbound& in,
                                                        const std::string& handle) {
  std::vector<std::string> servers{in.server};
  if (in.server.empty()) {
    servers = core.parts.servers.names();
  }
  for (std::string& server : servers) {
    if (auto opened = core.own_tasks.open({in.caller.agent, server, in.era}, handle)) {
      return std::pair(*std::move(opened), std::move(server));
    }
  }
  return std::nullopt;
}

}  // namespace

mcp::OwnTaskView held_view(const Core& core, const std::string& handle,
                           const PendingApproval& pending) {
  mcp::OwnTaskView out;
  const WallTime now = core.parts.clock.wall();
  out.handle = handle;
  out.created = pending.id.is_nil() ? now : began_at(pending.id);
  out.updated = now;
  out.ttl_ms = std::max<std::int64_t>(0, pending.expires * 1'000 - out.created.us / 1'000) +
               std::chrono::milliseconds(OwnTasks::kKept).count();
  out.poll_ms = OwnTasks::kPollInterval.count();
  if (!pending.id.is_nil()) {
    const mcp::ApprovalPage page = mcp::page_of(pending);
    out.message = "waiting for a person to approve it: " +
                  (page.url.empty() ? "`pawl approvals show " + page.id + "`" : page.url);
  }
  return out;
}

bool answer_own_task(const std::shared_ptr<Core>& core, Inbound& in) {
  const Result<std::optional<std::string>> handle = mcp::named(in.message, *in.info);
  if (!handle || !*handle) {
    return false;
  }
  auto opened = opened_by(*core, in, **handle);
  if (!opened) {
    return false;
  }
  in.server = std::move(opened->second);
  TaskDesk(core, in, opened->first, **handle).answer();
  return true;
}

}  // namespace pawl::bridge
