// One message of an authenticated client, on its way to the one path.
//
// Purpose:    what every step of the bridge knows of a request, whatever transport brought it.
// Threading:  a plain value on the I/O thread; the call that it becomes owns it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "infrastructure/bridge/outlet.h"
#include "infrastructure/bridge/session.h"
#include "infrastructure/bridge/task_handles.h"
#include "infrastructure/http/message.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/era.h"
#include "infrastructure/mcp/methods.h"
#include "path/caller.h"

namespace pawl::bridge {

struct Inbound {
  Caller caller;
  std::string server;  // registered name; empty: /mcp, not routed yet
  mcp::Era era = mcp::Era::kLegacy;
  std::string revision;
  jsonrpc::Message message;  // names and ids are the upstream's once it is routed
  const mcp::MethodInfo* info = nullptr;
  std::string task_tool;   // of a request for a task: the tool whose call made it
  bool own_task = false;   // legacy: the client asked for a task, which is to be Pawl's own
  bool runs_task = false;  // it is the call behind such a task
  // Modern: the approval that the client waited for in an earlier round of this request.
  std::optional<Uuid> waited_for;
  http::Headers headers;             // of the request; empty on stdio
  std::vector<std::string> tokens;   // Execution-Context fields
  std::vector<std::string> policy;   // of the Agent-Context-Policy fields, in their order
  std::string traceparent;           // of the header; the one in _meta counts first
  std::string connection;            // isolation key: the session's id; empty in the modern era
  std::shared_ptr<Session> session;  // legacy and stdio; nullptr: modern HTTP
  std::shared_ptr<Reply> reply;
};

inline TaskOwner owner_of(const Inbound& in) {
  return {in.caller.agent, in.server, in.era};
}

}  // namespace pawl::bridge
