// Where each decoded message of an authenticated client goes.
//
// Purpose:    plumbing is answered here; everything that carries data becomes a ClientCall. On /mcp
//             the server is found from the name in the body, before any rule sees it.
// Threading:  the I/O thread.
// Errors:     answered to the client: unknown method, unknown name, a task that is not the
//             caller's.
//
// Example:
//   dispatch_request(core, std::move(inbound));
#pragma once

#include <memory>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"

namespace pawl::bridge {

// in.info is set here. Not for `initialize`, which makes the session first.
void dispatch_request(const std::shared_ptr<Core>& core, Inbound&& in);
// False: not a notification that this client may send.
bool dispatch_notification(const std::shared_ptr<Core>& core, Inbound in);
// The client's answer to a request of a server. False: nothing waits for it in this session.
bool dispatch_response(Core& core, Session& session, const jsonrpc::Message& response);

// Where a request to /mcp goes. Errors: kNotFound, kConflict, kInvalidParams.
struct Routed {
  std::string server;
  jsonrpc::Message message;  // with the server's own name for what it names
};
Result<Routed> route(const Core& core, const Inbound& in);

}  // namespace pawl::bridge
