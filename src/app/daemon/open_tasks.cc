#include "app/daemon/open_tasks.h"

#include <utility>

#include "app/config/configured_agent.h"

namespace pawl {
namespace {

// Stops of a group or a person cover the questions for a task too.
Caller caller_of(const FollowedTask& task, const Config& config, const PeopleDesk& people) {
  Caller caller;
  caller.agent = task.agent;
  caller.on_behalf_of = people.name_of(task.on_behalf_of);
  caller.groups = groups_of(config, task.agent);
  return caller;
}

}  // namespace

std::vector<OpenTask> open_tasks(const Decisions& decisions, const Config& config,
                                 const PeopleDesk& people) {
  std::vector<OpenTask> out;
  for (const auto& [id, task] : decisions.tasks.all()) {
    OpenTask open;
    open.creating_call.id = id;
    open.creating_call.workflow = task.workflow;
    open.creating_call.verb = task.verb;
    open.creating_call.caller = caller_of(task, config, people);
    open.creating_call.server = task.server;
    open.creating_call.tool = task.tool;
    open.followed = task.task;
    open.recorded = WallTime{task.at * 1'000'000};
    out.push_back(std::move(open));
  }
  return out;
}

}  // namespace pawl
