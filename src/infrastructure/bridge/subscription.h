// subscriptions/listen: what of it is changed on the way.
//
// Purpose:    a subscription covers only resources that the caller may read (the upstream puts the
//             client's id of the subscription into what it tells).
// Threading:  the I/O thread.
// Source:     MCP 2026-07-28, Subscriptions.
// Errors:     kInvalidParams: a filter of the wrong type.
#pragma once

#include <string_view>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"

namespace pawl::bridge {

inline constexpr std::string_view kSubscriptionAcknowledged =
    "notifications/subscriptions/acknowledged";

// The request without the resources that the caller may not read.
Result<jsonrpc::Message> masked_listen(const Core& core, const Inbound& inbound);
// The server's acknowledgement without them.
Result<jsonrpc::Message> masked_acknowledgement(const Core& core, const Inbound& inbound,
                                                const jsonrpc::Message& notification);

}  // namespace pawl::bridge
