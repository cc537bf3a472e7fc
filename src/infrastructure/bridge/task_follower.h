// Follows tasks that governed calls left running, to their end.
//
// Purpose:    polls tasks/get on the gateway's own behalf (plumbing) and tells TaskOutcomes once
//             how each task ended; agents need not poll, and cannot hide an end by not polling.
// Stops:      a task whose call a stop covers is cancelled at its server, once, as far as the stop
//             lets anything through to that server, and followed on.
// Threading:  the I/O thread.
// Ownership:  holds the upstream weakly. A server by URL outlives a connection: it is asked again
//             over a new one. A child or a wrapped server takes its tasks with it: unknown.
// Bounds:     tasks followed at once, interval (back-off up to a maximum), total time.
// After a restart: resume() takes what the ledger still owes; nothing durable is kept here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/scheduler.h"
#include "infrastructure/bridge/bridge_options.h"
#include "infrastructure/bridge/task_reference.h"
#include "infrastructure/mcp/upstream.h"

namespace pawl::bridge {

struct Core;

class TaskFollower {
 public:
  // `call`: the Action whose answer created `task`.
  void follow(const std::shared_ptr<Core>& core, const Action& call, TaskReference task,
              const std::shared_ptr<mcp::Upstream>& upstream);
  // After stops changed.
  void recheck(const std::shared_ptr<Core>& core);
  // Once, after a restart.
  void resume(const std::shared_ptr<Core>& core, const std::vector<OpenTask>& open);
  // The end of the process: tells kUnknown of the tasks that end with it, and forgets the others.
  void stop(const std::shared_ptr<Core>& core);
  std::size_t followed() const { return tasks_.size(); }

 private:
  struct Task;
  class Poll;
  void add(const std::shared_ptr<Core>& core, const Action& call, TaskReference task,
           const std::shared_ptr<mcp::Upstream>& upstream, std::chrono::microseconds age);
  void schedule(const std::shared_ptr<Core>& core, std::uint64_t number);
  void poll(const std::shared_ptr<Core>& core, std::uint64_t number);
  void connect(const std::shared_ptr<Core>& core, std::uint64_t number);
  void ask(const std::shared_ptr<Core>& core, std::uint64_t number,
           const std::shared_ptr<mcp::Upstream>& upstream);
  void polled(const std::shared_ptr<Core>& core, std::uint64_t number,
              const jsonrpc::Message& response);
  void poll_lost(const std::shared_ptr<Core>& core, std::uint64_t number, const std::string& why);
  void ended(Core& core, std::uint64_t number, Outcome outcome, std::string detail);

  std::map<std::uint64_t, std::shared_ptr<Task>> tasks_;
  std::uint64_t next_ = 1;
};

}  // namespace pawl::bridge
