// Task handles bound to their caller.
//
// Purpose:    a client gets `upstreamid.tool.mac` for a task; another caller's, a guessed or a
//             changed handle opens nothing. It names the tool whose call made the task, so that a
//             stop of the tool covers it. No table is needed to open one: handles survive a
//             restart.
// Threading:  the I/O thread.
// Errors:     open: kInvalidParams, the same whatever is wrong; also of a task whose id its server
//             gave to a task of another tool since.
// Soft state: which ids are an agent's own, for lists and mentions; bounded, oldest first out. A
//             task that is not in it is left out of lists and stays usable by its handle.
//
// Example:
//   const TaskOwner owner{"triage", "build", mcp::Era::kModern};
//   handles.create(owner, "786512e2", "make");
//   std::string handle = handles.wrap(owner, "786512e2");
//   Result<TaskHandles::Opened> task = handles.open(owner, handle);
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "infrastructure/mcp/era.h"

namespace pawl::bridge {

// Whose ids: servers of both eras number their tasks in each apart.
struct TaskOwner {
  std::string agent;
  std::string server;
  mcp::Era era = mcp::Era::kLegacy;
};

class TaskHandles {
 public:
  explicit TaskHandles(std::string key, std::size_t max_known = 100'000)
      : key_(std::move(key)), max_known_(max_known) {}

  struct Opened {
    std::string id;
    std::string tool;  // empty: no call of a tool made it
  };
  // A call of `tool` (empty: of none) made this task. Servers may use an id again: what was known
  // of it before is forgotten.
  void create(const TaskOwner& owner, const std::string& id, const std::string& tool);
  // The handle, remembered as this agent's. `tool` counts where none is remembered.
  std::string wrap(const TaskOwner& owner, const std::string& id, const std::string& tool = "");
  Result<Opened> open(const TaskOwner& owner, std::string_view handle) const;
  // Of a task that is remembered; "" of any other.
  std::string tool_of(const TaskOwner& owner, const std::string& id) const;
  bool is_known(const TaskOwner& owner, const std::string& id) const;

  // Texts of a server on their way to the agent. `object` is a raw JSON object.
  // Its member taskId, which is a task of this agent.
  std::string wrap_member(const std::string& object, const TaskOwner& owner,
                          const std::string& tool = "");
  // The tasks of a tasks/list result that are this agent's; the others are left out.
  Result<std::string> wrap_list(std::string result, const TaskOwner& owner);
  // _meta's related-task within `object`, when it is a known task of this agent.
  std::string wrap_related(std::string object, const TaskOwner& owner);
  // The reverse, for texts of the agent: a handle that opens; any other stays as it is.
  std::string open_related(std::string object, const TaskOwner& owner) const;

 private:
  std::string mac(const TaskOwner& owner, std::string_view id, std::string_view tool) const;

  const std::string key_;
  const std::size_t max_known_;
  std::map<std::string, std::string> known_;  // agent, server and id -> tool
  std::deque<std::string> order_;
};

}  // namespace pawl::bridge
