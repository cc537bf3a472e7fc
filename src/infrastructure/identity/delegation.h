// The delegation that a JWT states: its claim `act` (RFC 8693, section 4.1).
//
// Purpose:    `sub` is for whom, act.sub who acts; an `act` within it, who acted before.
// Threading:  pure.
// Errors:     kMalformed: not an object with a `sub`, a name of another type, or more than a record
//             keeps (kMaxActors, kMaxActorBytes).
// Not errors: no `act`: nobody was delegated to; other members of an actor (not kept).
#pragma once

#include <cstddef>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "path/caller.h"

namespace pawl::identity {

inline constexpr std::size_t kMaxActors = 8;
inline constexpr std::size_t kMaxActorBytes = 1024;  // of all names together

Result<std::vector<Actor>> read_actors(const json::Value& payload);

}  // namespace pawl::identity
