// From a decoded MCP message to the Action that every control decides on.
//
// Purpose:    name, params bytes, governed arguments, causes of one governed method; the tool is
//             resolved from the body, in the names that the upstream knows.
// Threading:  pure functions.
// Errors:     kInvalidParams: a name, URI, ref or task id missing, empty or of another type,
//             `arguments` that is no object, a parents list that is no list of strings, or that
//             stands both in _meta and in the body; policy tokens that are neither one text nor a
//             list of 1 to 10.
// Not errors: a lossy number (reported in the Action; a control refuses it).
//
// Example:
//   ActionContext context{id, caller, "files", kRevision20251125, Direction::kToServer, session,
//                         now, boot};
//   Result<Decoded> decoded = make_action(message, *info, context);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/methods.h"
#include "path/action.h"

namespace pawl::mcp {

struct ActionContext {
  Uuid id;
  Caller caller;       // always the agent, also of what a server sends to it
  std::string server;  // registered name
  std::string revision;
  Direction direction = Direction::kToServer;
  std::string session;
  WallTime received;
  BootTime received_boot;
};

struct Decoded {
  Action action;                     // read_only: not `changes`; the operator's word comes after
  std::vector<std::string> parents;  // compact tokens from the message, not yet verified
  std::vector<std::string> policy;   // policy tokens, likewise; empty: none are presented there
  std::optional<Uuid> repeat_of;     // the client repeats the call of this id
  std::string task;                  // params.taskId of a task method, else empty
};

// `message` is a request or notification whose params already are those that go to the upstream.
Result<Decoded> make_action(const jsonrpc::Message& message, const MethodInfo& info,
                            ActionContext context);

// The same for a request that a modern server embedded in a result: `request` is the parsed
// {"method", "params"} and `text` its exact bytes.
Result<Decoded> make_embedded_action(std::string_view text, const MethodInfo& info,
                                     const ActionContext& context);

// The tool, prompt, URI or task id that a message names; nullopt when its method names none.
// Errors: kInvalidParams as above.
Result<std::optional<std::string>> named(const jsonrpc::Message& message, const MethodInfo& info);
// The message with another name in that place (a name of /mcp mapped back). Decodes anew, so that
// what the rules read is the parse of what is forwarded.
Result<jsonrpc::Message> with_name(const jsonrpc::Message& message, const MethodInfo& info,
                                   std::string_view name);

}  // namespace pawl::mcp
