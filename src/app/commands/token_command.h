// `pawl token issue, present, verify, show`: tokens whose members are shown one by one (SD-JWT,
// docs/formats/sd_jwt.md). Files in, text on standard output; no data folder is needed.
//
// Threading:  the main thread.
// Errors:     exit 2: bad usage, a file that cannot be read, a key that is not known; exit 1: what
//             was read does not hold.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_token(CLI::App& root, Context& context);

}  // namespace pawl
