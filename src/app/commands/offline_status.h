// What can be read of an instance whose daemon does not answer: from its data folder alone.
//
// Threading:  the main thread. It writes nothing and takes no lock.
// Errors:     none: what cannot be read is left out.
#pragma once

#include "app/commands/command.h"
#include "base/json.h"

namespace pawl {

// The shape of /api/v1/status, as far as known, and "down": why there is no daemon.
json::Value offline_status(Context& context, const DataFolder& folder, const std::string& why);

}  // namespace pawl
