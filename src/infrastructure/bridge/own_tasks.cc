#include "infrastructure/bridge/own_tasks.h"

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
  forget(id);
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
  task->second.withdraw = nullptr;
  task->second.ended = std::move(ended);
  keep(id, task->second);
  for (const auto& told : std::exchange(task->second.waiting, {})) {
    told(*task->second.ended);
  }
  if (cost(*task->second.ended) > most_of_an_agent()) {  // all room would not do
    own_task_bytes.reached();
    drop(task);
  } else {
    make_room(std::string(task->second.agent));
  }
}

void OwnTasks::keep(const Uuid& id, const Task& task) {
  const std::size_t bytes = cost(*task.ended);
  Share& share = shares_[task.agent];
  share.by_end.emplace(task.ended->at.us, id);
  by_end_.emplace(task.ended->at.us, id);
  bytes_ += bytes;
  set_bytes(task.agent, share, share.bytes + bytes);
}

void OwnTasks::make_room(const std::string& agent) {
  const auto is_over = [&] {
    const auto share = shares_.find(agent);
    return share != shares_.end() && share->second.bytes > most_of_an_agent();
  };
  while (is_over()) {
    own_task_bytes.reached();
    drop_oldest(shares_.at(agent).by_end);
  }
  while (bytes_ > most_bytes_) {
    own_task_bytes.reached();
    drop_oldest(shares_.at(by_bytes_.rbegin()->second).by_end);
  }
}

void OwnTasks::set_bytes(const std::string& agent, Share& share, std::size_t bytes) {
  by_bytes_.erase({share.bytes, agent});
  share.bytes = bytes;
  by_bytes_.emplace(bytes, agent);
}

void OwnTasks::withdraw_by(const Uuid& id, std::function<void()> handler) {
  if (const auto task = tasks_.find(id); task != tasks_.end() && !task->second.ended) {
    task->second.withdraw = std::move(handler);
  }
}

void OwnTasks::drop(std::map<Uuid, Task>::iterator task) {
  if (const std::optional<Ended>& ended = task->second.ended) {
    const auto share = shares_.find(task->second.agent);
    share->second.by_end.erase({ended->at.us, task->first});
    by_end_.erase({ended->at.us, task->first});
    bytes_ -= cost(*ended);
    set_bytes(share->first, share->second, share->second.bytes - cost(*ended));
    if (share->second.by_end.empty()) {
      by_bytes_.erase({share->second.bytes, share->first});
      shares_.erase(share);
    }
  }
  tasks_.erase(task);
}

void OwnTasks::forget(const Uuid& id) {
  if (const auto task = tasks_.find(id); task != tasks_.end()) {
    drop(task);
  }
}

void OwnTasks::forget_old(WallTime now) {
  const std::int64_t kept_us = std::chrono::microseconds(kKept).count();
  while (!by_end_.empty() && by_end_.begin()->first + kept_us < now.us) {
    drop_oldest(by_end_);
  }
}

}  // namespace pawl::bridge
