// How much of a token's rules is patterns, and about how much memory a token takes.
//
// Purpose:    a glob or a regular expression takes some hundred times its text once it is compiled,
//             and who may hand a token on chooses it; so they are bounded, and counted.
// Threading:  pure functions.
// Source:     docs/formats/acp.md, "Sizes".
#pragma once

#include <cstddef>

#include "foundation/acp/acp_token.h"

namespace pawl::acp {

struct PatternUse {
  std::size_t count = 0, bytes = 0;  // of text
};
// Of all rules of the token. Counted is every text in a condition that could be a pattern, whether
// its matcher reads it as one or not.
PatternUse patterns_in(const Claims& claims);

// Of one token, compiled: an estimate from above.
std::size_t memory_of(const Claims& claims);

}  // namespace pawl::acp
