// `pawl account`: the people who sign in here with a password and a second factor.
// Threading: the main thread. Works beside a running daemon, which reads the file at each sign-in.
#pragma once

#include "app/commands/command.h"

namespace pawl {

void add_account(CLI::App& root, Context& context);

}  // namespace pawl
