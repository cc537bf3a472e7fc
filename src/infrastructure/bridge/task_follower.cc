#include "infrastructure/bridge/task_follower.h"

#include <algorithm>
#include <utility>

#include "base/limit_stat.h"
#include "foundation/records/names.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/mcp/request_headers.h"
#include "infrastructure/mcp/tasks.h"

namespace pawl::bridge {
namespace {

constexpr int kMaxLostPolls = 5;
constexpr std::size_t kResumedPerSecond = 100;  // a restart with many tasks is no flood of polls
constexpr std::string_view kGone = "the server ended before its task";

// A child or a wrapped server has no task of an earlier process.
bool outlives_connections(const Core& core, const std::string& server) {
  const mcp::ServerConfig* config = core.parts.servers.config(server);
  return config != nullptr && !config->url.empty();
}

mcp::Opening opening_of(const TaskReference& task) {
  return {task.era, R"({"capabilities":{},"protocolVersion":)" + json::quote(task.revision) + "}"};
}

LimitStat followed_tasks("followed_tasks");

}  // namespace

struct TaskFollower::Task {
  Action call;
  TaskReference reference;
  std::weak_ptr<mcp::Upstream> upstream;
  std::chrono::microseconds interval{0};
  BootTime give_up;
  int lost_polls = 0;
  enum class Cancel { kNo, kWanted, kTold } cancel = Cancel::kNo;
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

void TaskFollower::follow(const std::shared_ptr<Core>& core, const Action& call, TaskReference task,
                          const std::shared_ptr<mcp::Upstream>& upstream) {
  add(core, call, std::move(task), upstream, {});
}

void TaskFollower::resume(const std::shared_ptr<Core>& core, const std::vector<OpenTask>& open) {
  const WallTime now = core->parts.clock.wall();
  for (const OpenTask& task : open) {
    const Action& call = task.creating_call;
    Result<TaskReference> reference = core->task_seal.open(call, task.followed);
    const bool outlives = outlives_connections(*core, call.server);
    if (!outlives || !reference || reference->id.empty()) {
      core->parts.task_outcomes.task_ended(call, Outcome::kUnknown,
                                           !outlives    ? std::string(kGone)
                                           : !reference ? reference.error().message
                                                        : "its id was too long to be kept");
      continue;
    }
    core->tasks.create({call.caller.agent, call.server, reference->era}, reference->id, call.tool);
    const std::int64_t age_us = std::max<std::int64_t>(0, now.us - task.recorded.us);
    add(core, call, *std::move(reference), nullptr, std::chrono::microseconds(age_us));
  }
  recheck(core);
}

void TaskFollower::recheck(const std::shared_ptr<Core>& core) {
  std::vector<std::uint64_t> stopped;
  for (const auto& [number, task] : tasks_) {
    if (task->cancel == Task::Cancel::kNo && core->parts.gateway.is_stopped(task->call)) {
      task->cancel = Task::Cancel::kWanted;
      stopped.push_back(number);
    }
  }
  for (const std::uint64_t number : stopped) {
    if (tasks_.count(number) != 0) {
      tasks_.at(number)->exchange.reset();
      tasks_.at(number)->timer.reset();
      poll(core, number);
    }
  }
}

void TaskFollower::add(const std::shared_ptr<Core>& core, const Action& call, TaskReference task,
                       const std::shared_ptr<mcp::Upstream>& upstream,
                       std::chrono::microseconds age) {
  const BridgeOptions& options = core->options;
  if (tasks_.size() >= options.max_followed_tasks) {
    followed_tasks.reached();
    core->parts.task_outcomes.task_ended(call, Outcome::kUnknown,
                                         "too many tasks are followed already");
    return;
  }
  const std::uint64_t number = next_++;
  auto followed = std::make_shared<Task>();
  followed->call = call;
  followed->upstream = upstream;
  followed->interval =
      std::clamp<std::chrono::microseconds>(std::chrono::milliseconds(task.poll_interval_ms),
                                            options.task_poll_min, options.task_poll_max);
  if (!upstream) {
    followed->interval += std::chrono::seconds(tasks_.size() / kResumedPerSecond);
  }
  const std::chrono::microseconds left = options.task_give_up - age;
  followed->give_up = BootTime{core->parts.clock.boot().us +
                               std::max<std::int64_t>(left.count(), followed->interval.count())};
  followed->reference = std::move(task);
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
  if (upstream && upstream->is_open()) {
    ask(core, number, upstream);
  } else if (outlives_connections(*core, task->call.server)) {
    connect(core, number);
  } else {
    ended(*core, number, Outcome::kUnknown, std::string(kGone));
  }
}

void TaskFollower::connect(const std::shared_ptr<Core>& core, std::uint64_t number) {
  const std::shared_ptr<Task> task = tasks_.at(number);
  const Result<std::shared_ptr<mcp::Upstream>> upstream = core->parts.servers.upstream(
      task->call.server, task->call.caller.agent, "", task->reference.era);
  if (!upstream) {
    poll_lost(core, number, upstream.error().message);
    return;
  }
  (*upstream)->start(opening_of(task->reference),
                     [this, weak = std::weak_ptr<Core>(core), number,
                      upstream = *upstream](const Result<mcp::UpstreamHello>& hello) {
                       const std::shared_ptr<Core> shared = weak.lock();
                       if (!shared || tasks_.count(number) == 0) {
                         return;
                       }
                       if (!hello) {
                         poll_lost(shared, number, hello.error().message);
                       } else if (hello->era != tasks_.at(number)->reference.era) {
                         ended(*shared, number, Outcome::kUnknown,
                               "the server speaks another revision than that of its task");
                       } else {
                         tasks_.at(number)->upstream = upstream;
                         ask(shared, number, upstream);
                       }
                     });
}

void TaskFollower::ask(const std::shared_ptr<Core>& core, std::uint64_t number,
                       const std::shared_ptr<mcp::Upstream>& upstream) {
  const std::shared_ptr<Task> task = tasks_.at(number);
  const TaskReference& reference = task->reference;
  const bool cancels = task->cancel == Task::Cancel::kWanted;
  const Result<jsonrpc::Message> request = task_request(
      cancels ? kTasksCancel : kTasksGet, reference, "pawl-task-" + std::to_string(number));
  if (!request) {
    ended(*core, number, Outcome::kUnknown, request.error().message);
    return;
  }
  mcp::Upstream::Request asked{*request, {}, core->parts.gateway.new_id().text(), true};
  if (reference.era == mcp::Era::kModern) {
    const mcp::MethodInfo* info = mcp::find_method(request->method, reference.revision,
                                                   mcp::Side::kClient, mcp::Form::kRequest);
    asked.headers = mcp::upstream_headers(*request, *info, reference.revision, nullptr, nullptr);
  }
  // A cancellation is no data of the agent's: a stop of the agent lets it pass.
  const Caller caller = cancels ? Caller{} : task->call.caller;
  task->exchange =
      upstream->request(asked, core->parts.gateway.plumbing_gate(caller, task->call.server),
                        std::make_shared<Poll>(core, number));
}

void TaskFollower::polled(const std::shared_ptr<Core>& core, std::uint64_t number,
                          const jsonrpc::Message& response) {
  if (tasks_.count(number) == 0) {
    return;
  }
  const std::shared_ptr<Task> task = tasks_.at(number);
  if (task->cancel == Task::Cancel::kWanted) {
    task->cancel = Task::Cancel::kTold;
    task->lost_polls = 0;
    task->interval = core->options.task_poll_min;
    schedule(core, number);  // whether it ended says the next poll
    return;
  }
  const json::Value* result = response.result_value();
  const auto view = result ? mcp::task_view(*result) : std::nullopt;
  if (!view || view->id != task->reference.id) {
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
      ended(*core, number, Outcome::kUnknown,
            task->cancel == Task::Cancel::kNo ? "cancelled" : "cancelled after a stop");
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

void TaskFollower::stop(const std::shared_ptr<Core>& core) {
  for (const auto& [number, task] : std::exchange(tasks_, {})) {
    if (!outlives_connections(*core, task->call.server)) {
      core->parts.task_outcomes.task_ended(task->call, Outcome::kUnknown, std::string(kGone));
    }
  }
}

}  // namespace pawl::bridge
