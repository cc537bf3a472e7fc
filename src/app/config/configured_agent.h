// An agent as the configuration says it.
//
// Purpose:    for who knows an agent by its name alone: groups that a JWT says are not known then.
// Threading:  pure functions.
// Ownership:  find_agent borrows from the configuration.
// Not errors: an agent that is not configured: it is in no group.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"

namespace pawl {

const AgentConfig* find_agent(const Config& config, std::string_view agent);  // nullptr: none
// Sorted, unique (path/caller.h).
std::vector<std::string> groups_of(const Config& config, std::string_view agent);

}  // namespace pawl
