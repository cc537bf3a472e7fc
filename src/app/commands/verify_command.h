// `pawl verify PATH|FILE|-`: is this log, bundle, evidence file or single record what it
// claims to be.
//
// Threading:  the main thread. Reads files only; no daemon, no network.
// Exit codes: 0 proven good, against a trust root that the verifier brought (--trust, or pinned
//             before); 1 proven bad, naming the first bad thing; 2 cannot decide.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_verify(CLI::App& root, Context& context);

}  // namespace pawl
