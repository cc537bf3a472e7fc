// One request to /mcp that goes to several servers: lists, and the level of log messages.
//
// Purpose:    each server is asked by an Action and record of its own; the answers become one.
// Threading:  the I/O thread.
// Ownership:  shared by the calls it made; ends with the last answer.
// Not errors: a server that is down or refuses (named in the result's _meta).
#pragma once

#include <memory>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"

namespace pawl::bridge {

// True for methods that /mcp asks of every server.
bool goes_to_all(const mcp::MethodInfo& info);
void start_fan_out(const std::shared_ptr<Core>& core, Inbound in);

}  // namespace pawl::bridge
