#include "app/config/agent_groups.h"

#include <algorithm>
#include <set>

namespace pawl {

std::vector<std::string> groups_of(const Config& config, std::string_view agent) {
  const auto known = std::find_if(config.agents.begin(), config.agents.end(),
                                  [agent](const AgentConfig& one) { return one.id == agent; });
  if (known == config.agents.end()) {
    return {};
  }
  const std::set<std::string> groups(known->groups.begin(), known->groups.end());
  return {groups.begin(), groups.end()};
}

}  // namespace pawl
