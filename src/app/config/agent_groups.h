// The groups of an agent as the configuration says them.
//
// Purpose:    for who knows an agent by its name alone: those that a JWT says are not known then.
// Threading:  pure function.
// Not errors: an agent that is not configured: it is in no group.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"

namespace pawl {

// Sorted, unique (path/caller.h).
std::vector<std::string> groups_of(const Config& config, std::string_view agent);

}  // namespace pawl
