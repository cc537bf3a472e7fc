// Gives up root, when the configuration names the service's users.
//
// Threading:  once, before any thread and before anything is opened.
// Errors:     no such user, the same user twice, or root could not be given up.
// Not errors: no `service` in the configuration: nullopt, with a warning when run as root.
#pragma once

#include <optional>

#include "app/config/config.h"
#include "execution/supervision/child_process.h"

namespace pawl {

// The user that servers run as.
Result<std::optional<ChildUser>> become_service(const Config& config);

}  // namespace pawl
