// What `pawl revoke` was told to revoke, as records name it.
// Threading: the main thread.
#pragma once

#include <string>

#include "app/commands/command.h"

namespace pawl {

// A target of override_::parse_target, or one that is named by a file: "certificate:FILE" (PEM) and
// "key-file:FILE" (a key in PEM, a JWK, or an agent's bearer key; what is secret stays here).
// kInvalidParams, kNotFound, kMalformed.
Result<std::string> revoked_target(Context& context, const std::string& what);

}  // namespace pawl
