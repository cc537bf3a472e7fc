// Agents as rows of a list, and what they do now: for the pages "agents" and "overview".
//
// Threading:  pure functions.
// Source:     docs/formats/console_api.md, "Agents" and "Overview".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/api/viewer.h"
#include "base/json.h"

namespace pawl {

inline constexpr std::size_t kMostAgentsListed = 1'000, kMostAgentsInOverview = 50;

struct AgentNow {
  std::string id, owner;
  std::vector<std::string> groups;                           // as configured
  std::uint64_t calls = 0, refused = 0, open = 0, held = 0;  // since the start; now
  std::int64_t last_at = 0;                                  // seconds; 0: not since the start
  bool stopped = false;
};

// {agents: [...], left_out}; those that were active last first.
json::Object agent_list_json(std::vector<AgentNow> agents, const Viewer& viewer);

// The numbers of the whole instance.
struct RatesNow {
  double calls_per_s = 0, refusals_per_s = 0;
  std::uint64_t held = 0;  // calls that wait for people
};
struct PendingNow {
  std::string agent, server, tool, workflow;
};

// `status`: of GET /api/v1/status. `troubles`: as `pawl status --json` has them. Who does not see
// all gets null for `rates`, and what is theirs of the rest.
json::Object overview_json(const json::Value& status, json::Array troubles, const RatesNow& rates,
                           const std::vector<PendingNow>& pending, std::vector<AgentNow> agents,
                           std::int64_t now_ms, const Viewer& viewer);

}  // namespace pawl
