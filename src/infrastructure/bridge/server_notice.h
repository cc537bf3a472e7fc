// What servers tell clients without asking: updates, log messages, task states, changed lists.
//
// Purpose:    a notification with data is an Action towards the client, confirmed when it left; one
//             without is plumbing. Progress passes as an event of its call.
// Threading:  the I/O thread. Ownership: the gateway holds the Action's Exchange.
// Not errors: a notification that is unknown or for nobody (dropped and counted); a refused one
//             (its
//             record tells).
#pragma once

#include <memory>

#include "infrastructure/bridge/server_request.h"

namespace pawl::bridge {

void deliver_notification(const std::shared_ptr<Core>& core, const Destination& to,
                          const jsonrpc::Message& notification);

}  // namespace pawl::bridge
