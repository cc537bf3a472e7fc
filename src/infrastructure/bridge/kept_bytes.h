// How much memory a request takes that waits for people.
//
// Purpose:    the budget of what waits counts what is held, and not what was sent: the parsed tree
//             of a message may take many times its text.
// Threading:  pure functions; they walk the message once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "infrastructure/bridge/inbound.h"
#include "infrastructure/jsonrpc/message.h"

namespace pawl::bridge {

std::size_t kept_bytes(const std::vector<std::string>& texts);
std::size_t kept_bytes(const jsonrpc::Message& message);  // its text, its tree and what was noted
std::size_t kept_bytes(const Inbound& inbound);           // its message, its headers and tokens

}  // namespace pawl::bridge
