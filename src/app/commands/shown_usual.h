// In what a held call differs from its agent's usual calls, as an approver reads it.
//
// Threading:  a pure function.
// Not errors: the daemon says nothing of it, or something else than it should: nothing is shown.
// Source:     docs/formats/console_api.md, "usual".
#pragma once

#include <string>

#include "app/commands/held_call.h"

namespace pawl {

// Empty: the daemon compared nothing, or what it shows is not what the approval is bound to.
std::string shown_usual(const HeldCall& call);

}  // namespace pawl
