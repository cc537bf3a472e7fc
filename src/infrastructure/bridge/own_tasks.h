// Tasks of Pawl's own: calls that wait for people, followed by their callers as tasks.
//
// Purpose:    a client that takes tasks gets one for a held call. Its id is the approval's, so it
//             is durable before its answer and good after a restart; the call itself begins when
//             its caller asks for the task after people approved. What the call ended with is kept
//             here for as long as its caller may want it.
// Threading:  the I/O thread.
// Soft state: running calls and kept answers. After a restart a call that went through is known by
//             its record alone, and its task has failed.
// Bounds:     `most_bytes` of kept answers, each with kEntryBytes beside its text; one agent has at
//             most a quarter. Over its share an agent's own oldest goes first, over all the oldest
//             of the agent that keeps most: nobody's answers push out those of who keeps less.
//             kKept after their end. Each end costs the logarithm of what is kept.
// Source:     MCP 2025-11-25, tasks; the extension io.modelcontextprotocol/tasks.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "infrastructure/bridge/outlet.h"
#include "infrastructure/bridge/task_handles.h"
#include "infrastructure/mcp/approval_shapes.h"
#include "path/caller.h"

namespace pawl::bridge {

struct Core;
struct Inbound;

class OwnTasks {
 public:
  static constexpr std::chrono::minutes kKept{15};
  static constexpr std::chrono::milliseconds kPollInterval{1'000};
  static constexpr std::size_t kMostWaiting = 16;  // requests for the result of one task

  static constexpr std::size_t kEntryBytes = 1'024;  // what an answer costs beside its text

  // How a call ended.
  struct Ended {
    std::string outcome;      // raw result or error
    bool is_error = false;    // it is an error
    bool is_failure = false;  // an error, or a result that says so
    bool is_held = false;     // people have not decided: the call may begin again
    bool is_cancelled = false;
    WallTime at;
  };
  struct Task {
    std::string agent, on_behalf_of;
    WallTime began;
    std::optional<Ended> ended;      // empty: it runs
    std::function<void()> withdraw;  // ends the call; empty: it has ended
    bool is_withdrawn = false;
    std::vector<std::function<void(const Ended&)>> waiting;  // legacy tasks/result
  };

  OwnTasks(std::string key, std::size_t most_bytes)
      : handles_(std::move(key)), most_bytes_(most_bytes) {}

  std::string handle(const TaskOwner& owner, const Uuid& id, const std::string& tool) {
    return handles_.wrap(owner, id.text(), tool);
  }
  struct Opened {
    Uuid id;
    std::string tool;
  };
  std::optional<Opened> open(const TaskOwner& owner, std::string_view handle) const;

  // Of this caller; nullptr: nothing is known of it here.
  Task* find(const Uuid& id, const Caller& caller);
  Task& begin(const Uuid& id, const Caller& caller, WallTime now);
  // Tells those who wait for it. What is still held is not kept.
  void end(const Uuid& id, Ended ended);
  void withdraw_by(const Uuid& id, std::function<void()> handler);
  void forget(const Uuid& id);
  void forget_old(WallTime now);

 private:
  using Order = std::set<std::pair<std::int64_t, Uuid>>;  // by end, the oldest first
  struct Share {
    std::size_t bytes = 0;
    Order by_end;
  };
  static std::size_t cost(const Ended& ended) { return kEntryBytes + ended.outcome.capacity(); }
  std::size_t most_of_an_agent() const { return most_bytes_ / 4; }
  void keep(const Uuid& id, const Task& task);
  void make_room(const std::string& agent);
  void set_bytes(const std::string& agent, Share& share, std::size_t bytes);
  void drop(std::map<Uuid, Task>::iterator task);
  void drop_oldest(const Order& of) { drop(tasks_.find(of.begin()->second)); }

  TaskHandles handles_;
  const std::size_t most_bytes_;
  std::map<Uuid, Task> tasks_;
  // Of those that have ended, and nothing of others.
  Order by_end_;
  std::map<std::string, Share> shares_;                     // by agent; none without answers
  std::set<std::pair<std::size_t, std::string>> by_bytes_;  // the agents of shares_
  std::size_t bytes_ = 0;
};

// A task whose call waits for people; without a pending approval, as it is now.
mcp::OwnTaskView held_view(const Core& core, const std::string& handle,
                           const PendingApproval& pending);
// Answers a request for a task of ours; false: it is for another one's, and nothing happened.
bool answer_own_task(const std::shared_ptr<Core>& core, Inbound& in);

}  // namespace pawl::bridge
