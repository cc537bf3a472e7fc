// Tokens of a workload that calls with its identity token (WIT).
//
// Purpose:    the key that the caller proved to have is the key of its own tokens.
// Threading:  pure.
// Not errors: nullopt: it showed no WIT.
#pragma once

#include <optional>

#include "foundation/ect/wit_key.h"
#include "path/caller.h"

namespace pawl {

// Of what proved the caller. The WIT was verified by whoever identified it
// (infrastructure/identity).
std::optional<ect::WitKey> workload_of(const Caller& caller);

}  // namespace pawl
