// `pawl rules issue, attenuate, verify, show`: policy tokens (docs/formats/acp.md). Files in, text
// on standard output; a chain is a file with a token a line, the issuer's first.
//
// Threading:  the main thread.
// Exit codes: 1 what was read does not hold, or would widen its parent; 2 bad usage, a file that
//             cannot be read, a key that is not known.
// Not errors: `show` of a chain that nobody signed: it checks no signature, and says so.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules_tokens(CLI::App& group, Context& context);

}  // namespace pawl
