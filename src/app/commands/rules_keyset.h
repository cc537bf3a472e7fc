// `pawl rules keyset`: the public half of a key as a set that `policy_tokens` of pawl.yaml reads.
//
// Threading:  the main thread.
// Exit codes: 2: a file that cannot be read, or holds no P-256 key.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_rules_keyset(CLI::App& group, Context& context);

}  // namespace pawl
