// A policy token for people and as JSON: who, until when, the graph, constraints and gates.
//
// Threading:  the main thread; writes to context.io.out.
// Rule:       everything in a token was written by others, so it is shown as visible text.
#pragma once

#include <vector>

#include "app/commands/command.h"
#include "foundation/acp/acp_token.h"

namespace pawl {

// `verified`: signatures, times and narrowing were checked.
void tell_policy(Context& context, const std::vector<acp::Token>& chain, bool verified);

}  // namespace pawl
