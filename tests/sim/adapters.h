// What the protocol adapter binds to its callers, under virtual time: sessions, handles of tasks,
// and the states that clients carry between the rounds of a call.
//
// Purpose:    the real tables with thousands of agents, clock steps and restarts, from one seed,
//             beside a plain model of who may use what until when.
// Threading:  one thread.
// Errors:     Violation, as World.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/latest_time.h"
#include "infrastructure/bridge/sessions.h"
#include "infrastructure/bridge/task_handles.h"
#include "infrastructure/mcp/request_state.h"
#include "tests/sim/model.h"
#include "tests/sim/virtual_time.h"
#include "tests/support/seeded_random.h"

namespace pawl::sim {

struct AdapterSummary {
  std::size_t sessions = 0, shed = 0, rounds = 0, handles = 0, refused = 0, restarts = 0;
  std::string digest;  // of all that was given out, in order
};

class Adapters {
 public:
  Adapters(std::uint64_t seed, std::size_t agents, std::size_t steps);
  AdapterSummary run();
  std::string moment() const;

 private:
  struct SessionFact {
    std::string agent, server;
    std::int64_t used_us;
  };
  struct Round {
    mcp::StateBinding binding;
    std::optional<std::string> upstream;
    std::string text;
    std::int64_t expires_us;
    std::uint64_t life;
    bool used = false;
  };
  struct TaskFact {
    bridge::TaskOwner owner;
    std::string id, tool, handle;
    std::uint64_t life;
    bool superseded = false;  // its server gave the id to a task of another tool since
  };

  void restart();
  void begin_session();
  void use_session();
  void sweep_sessions();
  void ended(const std::string& id);
  void begin_round();
  void end_round();
  void make_task();
  void use_task();
  void give_out(const std::string& text);
  std::string agent();
  std::string server() { return "s" + std::to_string(dice_.below(3)); }
  std::size_t sessions_of(const std::string& agent) const;

  const std::size_t agents_, steps_;
  SteppedClock clock_;
  VirtualTime time_{clock_};
  SeededRandom dice_, node_random_;
  AdapterSummary summary_;
  std::size_t step_ = 0;
  VirtualTime::Owner life_ = 0;

  std::unique_ptr<NodeScheduler> scheduler_;
  std::unique_ptr<LatestTime> latest_;
  std::unique_ptr<bridge::Sessions> sessions_;
  std::unique_ptr<bridge::TaskHandles> handles_;
  std::unique_ptr<mcp::RequestStates> states_;
  std::unique_ptr<mcp::RequestStateLedger> used_states_;

  std::map<std::string, SessionFact> open_;
  std::string ending_for_;  // whose session may end to make room now
  bool sweeping_ = false;   // idle ones may end now
  std::set<std::string> gone_;
  std::deque<Round> rounds_;
  std::deque<TaskFact> tasks_;
};

}  // namespace pawl::sim
