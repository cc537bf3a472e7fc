// Every method of MCP, in one table: what it is to Pawl.
//
// Purpose:    a method is an Action with a verb, or plumbing that carries no one's data; a method
//             that is not in the table, or not for this era, sender and form, is refused.
// Threading:  constant data.
// Source:     the published schemas of 2025-03-26 .. 2026-07-28 and the tasks extension (SEP-2663);
//             docs/formats/mcp.md shows the same table and a test compares them.
//
// Example:
//   const MethodInfo* info = find_method("tools/call", kRevision20260728, Side::kClient,
//                                        Form::kRequest);
//   if (info == nullptr) { refuse(Code::kUnknownMethod); }
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "infrastructure/mcp/era.h"

namespace pawl::mcp {

enum class Side { kClient, kServer };
enum class Form { kRequest, kNotification };

// Who sends a method in one era.
enum class Sender {
  kNobody,    // the era does not have it
  kClient,
  kServer,
  kEither,
  kEmbedded,  // only as an input request within a result (modern sampling, elicitation, roots)
};

// Where the name that rules see stands.
enum class NamePlace {
  kNone,
  kParamsName,  // params.name: tool or prompt
  kParamsUri,   // params.uri: resource
  kRef,         // params.ref: {type: ref/prompt, name} or {type: ref/resource, uri}
  kTaskId,      // params.taskId: mirrored in Mcp-Name, not a name that rules see
};

enum class ListKind { kNone, kTools, kPrompts, kResources, kTemplates, kTasks };

struct MethodInfo {
  std::string_view method;
  Form form;
  Sender legacy;
  Sender modern;
  std::string_view since;  // first revision of the legacy era that has it; "" when kNobody there
  std::string_view verb;   // foundation/records/kinds.h; empty: plumbing
  NamePlace name;
  bool changes;            // may change something: its intent is durable before it is forwarded
  ListKind list;           // the list its result holds
  bool mirrored_name;      // modern HTTP: Mcp-Name is required
  bool may_need_input;     // modern: may be answered with input_required

  bool plumbing() const { return verb.empty(); }
};

std::span<const MethodInfo> methods();
// nullptr: refused. `revision` is one of kRevisions.
const MethodInfo* find_method(std::string_view method, std::string_view revision, Side sender,
                              Form form);
// A request that a modern server embeds in an input_required result or an input_required task.
const MethodInfo* find_embedded(std::string_view method);

// "tools" of {"tools": [...]}; "" for kNone. And the member that names an item ("name", "uri").
std::string_view list_member(ListKind list);
std::string_view list_item_key(ListKind list);
// The verb that using an item of the list would be: kToolCall, kPromptGet, kResourceRead, kTaskGet.
std::string_view list_item_verb(ListKind list);

}  // namespace pawl::mcp
