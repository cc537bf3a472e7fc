// Task handles bound to their caller.
//
// Purpose:    a client gets `upstreamid.tool.mac` for a task; another caller's, a guessed or a
//             changed handle opens nothing. It names the tool whose call made the task, so that a
//             stop of the tool covers it. No table is needed to open one: handles survive a
//             restart.
// Threading:  the I/O thread.
// Errors:     open: kInvalidParams, the same whatever is wrong.
// Soft state: which ids are an agent's own, for lists and mentions; bounded, oldest first out. A
//             task that is not in it is left out of lists and stays usable by its handle.
//
// Example:
//   std::string handle = handles.wrap("triage", "build", "786512e2", "make");
//   Result<TaskHandles::Opened> task = handles.open("triage", "build", handle);
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "infrastructure/mcp/methods.h"

namespace pawl::bridge {

class TaskHandles {
 public:
  explicit TaskHandles(std::string key, std::size_t max_known = 100'000)
      : key_(std::move(key)), max_known_(max_known) {}

  struct Opened {
    std::string id;
    std::string tool;  // empty: no call of a tool made it
  };
  // The handle, remembered as this agent's. `tool` counts where none is remembered.
  std::string wrap(const std::string& agent, const std::string& server, const std::string& id,
                   const std::string& tool = "");
  Result<Opened> open(const std::string& agent, const std::string& server,
                      std::string_view handle) const;
  // Of a task that is remembered; "" of any other.
  std::string tool_of(const std::string& agent, const std::string& server,
                      const std::string& id) const;
  bool is_known(const std::string& agent, const std::string& server, const std::string& id) const;

  // Texts of a server on their way to the agent. `object` is a raw JSON object.
  // Its member taskId, which is a task of this agent.
  std::string wrap_member(std::string object, const std::string& agent, const std::string& server,
                          const std::string& tool = "");
  // The tasks of a tasks/list result that are this agent's; the others are left out.
  Result<std::string> wrap_list(std::string result, const std::string& agent,
                                const std::string& server);
  // _meta's related-task within `object`, when it is a known task of this agent.
  std::string wrap_related(std::string object, const std::string& agent, const std::string& server);
  // The reverse, for texts of the agent: a handle that opens; any other stays as it is.
  std::string open_related(std::string object, const std::string& agent,
                           const std::string& server) const;

 private:
  std::string mac(std::string_view agent, std::string_view server, std::string_view id,
                  std::string_view tool) const;

  const std::string key_;
  const std::size_t max_known_;
  std::map<std::string, std::string> known_;  // agent, server and id -> tool
  std::deque<std::string> order_;
};

}  // namespace pawl::bridge
