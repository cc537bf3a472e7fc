// Follows tasks that governed calls left running, to their end.
//
// Purpose:    polls tasks/get on the gateway's own behalf (plumbing) and tells TaskOutcomes once
//             how
//             each task ended; agents need not poll, and cannot hide an end by not polling.
// Threading:  the I/O thread.
// Ownership:  holds the upstream weakly: a server that is gone ends its tasks as unknown.
// Bounds:     tasks followed at once, interval (back-off up to a maximum), total time.
// Soft state: lost in a crash. stop() tells kUnknown for what is still followed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/scheduler.h"
#include "infrastructure/bridge/bridge_options.h"
#include "infrastructure/mcp/tasks.h"
#include "infrastructure/mcp/upstream.h"

namespace pawl::bridge {

struct Core;

class TaskFollower {
 public:
  // `call`: the Action whose answer created `task`.
  void follow(const std::shared_ptr<Core>& core, const Action& call, mcp::Era era,
              std::string revision, const std::shared_ptr<mcp::Upstream>& upstream,
              const mcp::TaskView& task);
  void stop(TaskOutcomes& outcomes);
  std::size_t followed() const { return tasks_.size(); }

 private:
  struct Task;
  class Poll;
  void schedule(const std::shared_ptr<Core>& core, std::uint64_t number);
  void poll(const std::shared_ptr<Core>& core, std::uint64_t number);
  void polled(const std::shared_ptr<Core>& core, std::uint64_t number,
              const jsonrpc::Message& response);
  void poll_lost(const std::shared_ptr<Core>& core, std::uint64_t number, const std::string& why);
  void ended(Core& core, std::uint64_t number, Outcome outcome, std::string detail);

  std::map<std::uint64_t, std::shared_ptr<Task>> tasks_;
  std::uint64_t next_ = 1;
};

}  // namespace pawl::bridge
