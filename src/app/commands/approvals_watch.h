// `pawl approvals watch`: each call that begins to wait for people, as it does.
// Threading: the main thread. Ends by SIGINT or SIGTERM, with exit 0. Not errors: no daemon: it
// waits for one, and says so on stderr.
#pragma once

#include "app/commands/command.h"

namespace pawl {

// `group`: that of `pawl approvals`.
void add_watch(CLI::App& group, Context& context);

}  // namespace pawl
