// subscriptions/listen on /mcp: one stream over every modern server that the caller sees.
//
// Purpose:    each server is asked by an Action of its own; their acknowledgements become one,
//             which
//             comes first, as the revision wants; then what each of them tells.
// Threading:  the I/O thread. Ownership: shared by the calls it made.
// Not errors: a server without subscriptions, or down (left out). The stream ends with the last
//             one.
#pragma once

#include <memory>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"

namespace pawl::bridge {

void start_listen_all(const std::shared_ptr<Core>& core, Inbound in);

}  // namespace pawl::bridge
