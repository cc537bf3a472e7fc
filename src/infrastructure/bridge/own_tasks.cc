#include "infrastructure/bridge/own_tasks.h"

#include <algorithm>
#include <utility>

#include "base/limit_stat.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

LimitStat own_task_bytes("own_task_bytes");

}  // namespace

std::optional<OwnTasks::Opened> OwnTasks::open(const TaskOwner& owner,
                                               std::string_view handle) const {
  const Result<TaskHandles::Opened> opened = handles_.open(owner, handle);
  const Result<Uuid> id = opened ? Uuid::parse(opened->id) : Result<Uuid>(fail(opened.error()));
  return id ? std::optional(Opened{*id, opened->tool}) : std::nullopt;
}

OwnTasks::Task* OwnTasks::find(const Uuid& id, const Caller& caller) {
  const auto task = tasks_.find(id);
  const bool is_theirs = task != tasks_.end() && task->second.agent == caller.agent &&
                         task->second.on_behalf_of == caller.on_behalf_of;
  return is_theirs || (task != tasks_.end() && !plugged(ControlId::kHoldCaller)) ? &task->second
                                                                                 : nullptr;
}

OwnTasks::Task& OwnTasks::begin(const Uuid& id, const Caller& caller, WallTime now) {
  Task& task = tasks_[id];
  task.agent = caller.agent;
  task.on_behalf_of = caller.on_behalf_of;
  task.began = now;
  return task;
}

void OwnTasks::end(const Uuid& id, Ended ended) {
  const auto task = tasks_.find(id);
  if (task == tasks_.end() || task->second.ended) {
    return;
  }
  ended.is_cancelled = task->second.is_withdrawn;
  if (ended.is_held) {
    const std::vector<std::function<void(const Ended&)>> waiting = std::move(task->second.waiting);
    drop(task);
    for (const auto& told : waiting) {
      told(ended);
    }
    return;
  }
  bytes_ += ended.outcome.size();
  task->second.withdraw = nullptr;
  task->second.ended = std::move(ended);
  for (const auto& told : std::exchange(task->second.waiting, {})) {
    told(*task->second.ended);
  }
  while (bytes_ > most_bytes_) {
    own_task_bytes.reached();
    auto oldest = tasks_.end();
    for (auto at = tasks_.begin(); at != tasks_.end(); ++at) {
      if (at->second.ended &&
          (oldest == tasks_.end() || at->second.ended->at < oldest->second.ended->at)) {
        oldest = at;
      }
    }
    drop(oldest);
  }
}

void OwnTasks::withdraw_by(const Uuid& id, std::function<void()> handler) {
  if (const auto task = tasks_.find(id); task != tasks_.end() && !task->second.ended) {
    task->second.withdraw = std::move(handler);
  }
}

void OwnTasks::drop(std::map<Uuid, Task>::iterator task) {
  bytes_ -= task->second.ended ? task->second.ended->outcome.size() : 0;
  tasks_.erase(task);
}

void OwnTasks::forget(const Uuid& id) {
  if (const auto task = tasks_.find(id); task != tasks_.end()) {
    drop(task);
  }
}

void OwnTasks::forget_old(WallTime now) {
  const std::int64_t kept_us = std::chrono::microseconds(kKept).count();
  for (auto task = tasks_.begin(); task != tasks_.end();) {
    const auto at = task++;
    if (at->second.ended && at->second.ended->at.us + kept_us < now.us) {
      drop(at);
    }
  }
}

}  // namespace pawl::bridge
