// One governed thing: what every protocol decodes to and every control decides on.
//
// Purpose:    a protocol adapter makes Actions; the gateway takes each through the one path
//             (docs/architecture.md): decide, acquire, forward, evidence.
// Threading:  a plain value, owned by the call it belongs to on the I/O thread.
// Ownership:  the Action owns the exact bytes it governs; nothing points into another's buffer.
// Rule:       the tool is resolved from the body; names are those the upstream knows.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "foundation/records/approval_use.h"
#include "foundation/records/policy_use.h"
#include "path/caller.h"

namespace pawl::acp {
struct Chain;
}  // namespace pawl::acp

namespace pawl {

enum class Direction {
  kToServer,  // the agent asks the server
  kToClient,  // the server asks the agent (sampling, elicitation, roots) or tells it data
};

// Why one record follows another (design, section 3, causality), strongest first.
enum class Basis { kDeclared, kTraced, kData, kResource, kInferred };
std::string_view basis_name(Basis basis);

struct Cause {
  Uuid parent;
  Basis basis = Basis::kInferred;
};

struct Action {
  Uuid id;               // the record's jti and the idempotency key of the call
  std::string verb;      // foundation/records/kinds.h
  std::string method;    // as the protocol names it: "tools/call"
  std::string protocol;  // "mcp/2025-11-25"
  Direction direction = Direction::kToServer;

  Caller caller;
  std::string server;  // registered name
  std::string tool;    // tool or prompt name; empty when the verb has none
  // Of what goes on with a task: the tool whose call made it. A stop of the tool covers it; rules
  // do not see it.
  std::string task_tool;
  std::string resource;  // URI; empty when the verb has none

  std::string params;    // exact bytes as forwarded, without _meta (what inp_hash covers)
  std::string inp_hash;  // of params, 43 characters; the gateway fills it in
  // The same of the params that were asked for, where people approved others; empty: they did not.
  std::string requested;
  // The parsed value the rules read (tools: `arguments`; else params). Shares the one parse.
  std::shared_ptr<const json::Value> arguments;
  std::vector<std::string> lossy_numbers;  // JSON Pointers within the governed arguments

  std::vector<std::string> parent_tokens;  // ECTs the caller presented, compact, not yet verified
  // Their keys and ids, as revocations name them; of those that verified.
  std::vector<std::string> presented_names;
  // Of presented tokens: neither recorded here nor presented along. Not empty: a partial graph.
  std::vector<Uuid> missing_parents;
  // Of presented tokens and what is known of their chains, the weakest level: "L1" or "L2"; empty:
  // there are none, or all are recorded.
  std::string_view presented_level{};
  std::optional<Uuid> workflow;       // known or derived before decide
  bool workflow_is_verified = false;  // a token that verified says it
  std::vector<Cause> causes;          // declared and traced ones; the recorder adds the rest
  std::string traceparent;            // W3C, empty when absent
  std::string session;                // soft key for implicit order and derived workflow ids
  std::string request_id;             // JSON text of the message's id, for traces; may be empty

  // Policy tokens that the caller presented, the issuer's first, compact, not yet verified.
  std::vector<std::string> policy_tokens;
  bool policy_disagrees = false;             // it presented others in another place
  std::shared_ptr<const acp::Chain> policy;  // of policy_tokens; null: none, or not verified
  // By which node of it the call is judged; the gateway fills it in when it decides.
  std::optional<PolicyUse> policy_use;

  // What this call's intent consumes; a call that has it has a durable intent, a read, too.
  std::optional<ApprovalUse> approval;

  std::optional<Uuid> repeat_of;  // the caller repeats the call of this id: never forwarded

  bool read_only = false;   // the operator's word for this tool, never the server's
  bool idempotent = false;  // the operator's word
  WallTime received;
  BootTime received_boot;
};

}  // namespace pawl
