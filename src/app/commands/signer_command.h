// `pawl signer`: the instance's keys in a process and a user of their own
// (docs/operations/signer.md).
// Threading: the main thread.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_signer(CLI::App& root, Context& context);

}  // namespace pawl
