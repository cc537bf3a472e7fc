#include "app/config/configured_agent.h"

#include <algorithm>
#include <set>

namespace pawl {

const AgentConfig* find_agent(const Config& config, std::string_view agent) {
  const auto known = std::find_if(config.agents.begin(), config.agents.end(),
                                  [agent](const AgentConfig& one) { return one.id == agent; });
  return known != config.agents.end() ? &*known : nullptr;
}

std::vector<std::string> groups_of(const Config& config, std::string_view agent) {
  const AgentConfig* known = find_agent(config, agent);
  if (known == nullptr) {
    return {};
  }
  const std::set<std::string> groups(known->groups.begin(), known->groups.end());
  return {groups.begin(), groups.end()};
}

}  // namespace pawl
