// `pawl ledger check-digest`: was this the input, or the output, that a record has the digest of?
//
// Threading:  the main thread.
// Exit:       0 the same bytes, 1 others, 2 cannot be told: the salt was erased or is lost, or the
//             record has no such digest.
// Privacy:    a salt is printed only beside bytes that were right.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_ledger_check_digest(CLI::App& group, Context& context);

}  // namespace pawl
