#include "infrastructure/bridge/task_follower.h"

#include <algorithm>
#include <utility>

#include "foundation/records/names.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/request_headers.h"

namespace pawl::bridge {
namespace {

constexpr int kMaxLostPolls = 5;
constexpr std::string_view kGet = "tasks/get";

std::string get_params(const std::string& task, mcp::Era era, const std::string& revision) {
  std::string params = R"({"taskId":)" + json::quote(task);
  if (era == mcp::Era::kModern) {
    params += R"(,"_meta":{)" + json::quote(mcp::kMetaProtocolVersion) + ":" +
              json::quote(revision) + "," + json::quote(mcp::kMetaClientInfo) +
              R"(:{"name":"pawl","version":"1"},)" + json::quote(mcp::kMetaClientCapabilities) +
              R"(:{"extensions":{)" + json::quote(mcp::kExtensionTasks) + ":{}}}}";
  }
  return params + "}";
}

}  // namespace

struct TaskFollower::Task {
  Action call;
  mcp::Era era = mcp::Era::kLegacy;
  std::string revision;
  std::weak_ptr<mcp::Upstream> upstream;
  std::string id;
  std::chrono::microseconds interval{0};
  BootTime give_up;
  int lost_polls = 0;
  std::unique_ptr<ScheduledTask> timer;
  std::unique_ptr<mcp::UpstreamExchange> exchange;
};

class TaskFollower::Poll final : public mcp::ExchangeEvents {
 public:
  Poll(std::weak_ptr<Core> core, std::uint64_t number) : core_(std::move(core)), number_(number) {}
  void on_message(jsonrpc::Message) override {}
  void on_response(jsonrpc::Message response) override {
    if (const auto core = core_.lock()) {
      core->follower.polled(core, number_, response);
    }
  }
  void on_lost(Loss, std::string detail) override {
    if (const auto core = core_.lock()) {
      core->follower.poll_lost(core, number_, detail);
    }
  }

 private:
  std::weak_ptr<Core> core_;
  const std::uint64_t number_;
};

void TaskFollower::follow(const std::shared_ptr<Core>& core, const Action& call, mcp::Era era,
                          std::string revision, const std::shared_ptr<mcp::Upstream>& upstream,
                          const mcp::TaskView& task) {
  if (tasks_.size() >= core->options.max_followed_tasks) {
    core->parts.task_outcomes.task_ended(call, Outcome::kUnknown,
                                         "too many tasks are followed already");
    return;
  }
  const std::uint64_t number = next_++;
  auto followed = std::make_shared<Task>();
  followed->call = call;
  followed->era = era;
  followed->revision = std::move(revision);
  followed->upstream = upstream;
  followed->id = task.id;
  followed->interval = std::clamp<std::chrono::microseconds>(
      std::chrono::milliseconds(task.poll_interval_ms), core->options.task_poll_min,
      core->options.task_poll_max);
  followed->give_up = BootTime{core->parts.clock.boot().us +
                               std::chrono::microseconds(core->options.task_give_up).count()};
  tasks_.emplace(number, std::move(followed));
  schedule(core, number);
}

void TaskFollower::schedule(const std::shared_ptr<Core>& core, std::uint64_t number) {
  const std::shared_ptr<Task> task = tasks_.at(number);
  task->exchange.reset();
  if (core->parts.clock.boot() > task->give_up) {
    ended(*core, number, Outcome::kUnknown, "it was still running when following ended");
    return;
  }
  task->timer =
      core->parts.scheduler.after(task->interval, [this, weak = std::weak_ptr<Core>(core), number] {
        const std::shared_ptr<Core> shared = weak.lock();
        if (shared && tasks_.count(number) != 0) {
          poll(shared, number);
        }
      });
  // Each round waits longer, up to the maximum.
  task->interval = std::min<std::chrono::microseconds>(task->interval + task->interval / 2,
                                                       core->options.task_poll_max);
}

void TaskFollower::poll(const std::shared_ptr<Core>& core, std::uint64_t number) {
  const std::shared_ptr<Task> task = tasks_.at(number);
  const std::shared_ptr<mcp::Upstream> upstream = task->upstream.lock();
  if (!upstream || !upstream->is_open()) {
    ended(*core, number, Outcome::kUnknown, "the server ended before its task");
    return;
  }
  const mcp::MethodInfo* info =
      mcp::find_method(kGet, task->revision, mcp::Side::kClient, mcp::Form::kRequest);
  const Result<jsonrpc::Message> request =
      jsonrpc::decode(jsonrpc::request("\"pawl-task-" + std::to_string(number) + "\"", kGet,
                                       get_params(task->id, task->era, task->revision)));
  if (info == nullptr || !request) {
    ended(*core, number, Outcome::kUnknown, "its revision has no tasks/get");
    return;
  }
  mcp::Upstream::Request get{*request, {}, core->parts.gateway.new_id().text(), true};
  if (task->era == mcp::Era::kModern) {
    get.headers = mcp::upstream_headers(*request, *info, task->revision, nullptr, nullptr);
  }
  task->exchange = upstream->request(
      get, core->parts.gateway.plumbing_gate(task->call.caller, task->call.server),
      std::make_shared<Poll>(core, number));
}

void TaskFollower::polled(const std::shared_ptr<Core>& core, std::uint64_t number,
                          const jsonrpc::Message& response) {
  if (tasks_.count(number) == 0) {
    return;
  }
  const std::shared_ptr<Task> task = tasks_.at(number);
  const json::Value* result = response.result_value();
  const auto view = result ? mcp::task_view(*result) : std::nullopt;
  if (!view || view->id != task->id) {
    ended(*core, number, Outcome::kUnknown, "the server no longer tells of its task");
    return;
  }
  task->lost_polls = 0;
  switch (view->status) {
    case mcp::TaskStatus::kCompleted:
      ended(*core, number,
            mcp::completed_with_error(*result) ? Outcome::kFailed : Outcome::kConfirmed,
            "completed");
      return;
    case mcp::TaskStatus::kFailed:
      ended(*core, number, Outcome::kFailed, "failed");
      return;
    case mcp::TaskStatus::kCancelled:
      ended(*core, number, Outcome::kUnknown, "cancelled");
      return;
    case mcp::TaskStatus::kWorking:
    case mcp::TaskStatus::kInputRequired:
    case mcp::TaskStatus::kUnknown:
      schedule(core, number);
      return;
  }
}

void TaskFollower::poll_lost(const std::shared_ptr<Core>& core, std::uint64_t number,
                             const std::string& why) {
  if (tasks_.count(number) == 0) {
    return;
  }
  if (++tasks_.at(number)->lost_polls >= kMaxLostPolls) {
    ended(*core, number, Outcome::kUnknown, "the server does not answer: " + why);
  } else {
    schedule(core, number);
  }
}

void TaskFollower::ended(Core& core, std::uint64_t number, Outcome outcome, std::string detail) {
  const std::shared_ptr<Task> task = tasks_.at(number);
  tasks_.erase(number);
  core.parts.task_outcomes.task_ended(task->call, outcome, std::move(detail));
}

void TaskFollower::stop(TaskOutcomes& outcomes) {
  for (const auto& [number, task] : std::exchange(tasks_, {})) {
    outcomes.task_ended(task->call, Outcome::kUnknown, "the gateway ended before the task");
  }
}

}  // namespace pawl::bridge
