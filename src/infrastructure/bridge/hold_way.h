// How the caller of a held call waits, by what its client declares.
//
// Purpose:    a task before a page to open, a page before plain waiting (docs/formats/mcp.md, "A
//             held call").
// Threading:  pure functions of what the request and its session say.
#pragma once

#include "infrastructure/bridge/inbound.h"
#include "path/exchange.h"

namespace pawl::bridge {

enum class HoldWay {
  kPlain,  // it waits, and is told to call again when patience ends
  kTask,   // it is told at once, and follows a task of Pawl's own
  kPage,   // its client is asked to open the page where people decide
};

// `presents_tokens`: the call shows tokens or a policy that a later request would not show again.
HoldWay hold_way(const Inbound& in, const PendingApproval& pending, bool presents_tokens);

}  // namespace pawl::bridge
