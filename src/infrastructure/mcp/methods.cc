#include "infrastructure/mcp/methods.h"

#include <array>

#include "foundation/records/kinds.h"

namespace pawl::mcp {
namespace {

constexpr std::string_view kFirst = kRevision20250326;
constexpr std::string_view kPlumbing = "";

constexpr bool kReads = false, kChanges = true;
constexpr bool kMirrored = true, kNotMirrored = false;
constexpr bool kAsks = true, kNeverAsks = false;

using enum Form;
using enum NamePlace;
using S = Sender;
using L = ListKind;

// method, form, sender legacy, sender modern, since, verb, name, changes, list, mirrored, asks
constexpr std::array kMethods = {
    // Plumbing: no one's data.
    MethodInfo{"initialize", kRequest, S::kClient, S::kNobody, kFirst, kPlumbing, kNone, kReads,
               L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/initialized", kNotification, S::kClient, S::kNobody, kFirst,
               kPlumbing, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"server/discover", kRequest, S::kNobody, S::kClient, "", kPlumbing, kNone, kReads,
               L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"ping", kRequest, S::kEither, S::kNobody, kFirst, kPlumbing, kNone, kReads, L::kNone,
               kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/cancelled", kNotification, S::kEither, S::kEither, kFirst, kPlumbing,
               kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/progress", kNotification, S::kEither, S::kServer, kFirst, kPlumbing,
               kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/tools/list_changed", kNotification, S::kServer, S::kServer, kFirst,
               kPlumbing, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/prompts/list_changed", kNotification, S::kServer, S::kServer, kFirst,
               kPlumbing, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/resources/list_changed", kNotification, S::kServer, S::kServer,
               kFirst, kPlumbing, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/roots/list_changed", kNotification, S::kClient, S::kNobody, kFirst,
               kPlumbing, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/subscriptions/acknowledged", kNotification, S::kNobody, S::kServer,
               "", kPlumbing, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},

    // What agents ask of servers.
    MethodInfo{"tools/list", kRequest, S::kClient, S::kClient, kFirst, kinds::kToolList, kNone,
               kReads, L::kTools, kNotMirrored, kNeverAsks},
    MethodInfo{"tools/call", kRequest, S::kClient, S::kClient, kFirst, kinds::kToolCall,
               kParamsName, kChanges, L::kNone, kMirrored, kAsks},
    MethodInfo{"resources/list", kRequest, S::kClient, S::kClient, kFirst, kinds::kResourceList,
               kNone, kReads, L::kResources, kNotMirrored, kNeverAsks},
    MethodInfo{"resources/templates/list", kRequest, S::kClient, S::kClient, kFirst,
               kinds::kResourceTemplates, kNone, kReads, L::kTemplates, kNotMirrored, kNeverAsks},
    MethodInfo{"resources/read", kRequest, S::kClient, S::kClient, kFirst, kinds::kResourceRead,
               kParamsUri, kReads, L::kNone, kMirrored, kAsks},
    MethodInfo{"resources/subscribe", kRequest, S::kClient, S::kNobody, kFirst,
               kinds::kResourceSubscribe, kParamsUri, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"resources/unsubscribe", kRequest, S::kClient, S::kNobody, kFirst,
               kinds::kResourceUnsubscribe, kParamsUri, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"subscriptions/listen", kRequest, S::kNobody, S::kClient, "",
               kinds::kSubscriptionListen, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"prompts/list", kRequest, S::kClient, S::kClient, kFirst, kinds::kPromptList, kNone,
               kReads, L::kPrompts, kNotMirrored, kNeverAsks},
    MethodInfo{"prompts/get", kRequest, S::kClient, S::kClient, kFirst, kinds::kPromptGet,
               kParamsName, kReads, L::kNone, kMirrored, kAsks},
    MethodInfo{"completion/complete", kRequest, S::kClient, S::kClient, kFirst,
               kinds::kCompletionRequest, kRef, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"logging/setLevel", kRequest, S::kClient, S::kNobody, kFirst, kinds::kLogLevel,
               kNone, kChanges, L::kNone, kNotMirrored, kNeverAsks},

    // What servers ask of agents.
    MethodInfo{"sampling/createMessage", kRequest, S::kServer, S::kEmbedded, kFirst,
               kinds::kSamplingRequest, kNone, kChanges, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"elicitation/create", kRequest, S::kServer, S::kEmbedded, kRevision20250618,
               kinds::kElicitationRequest, kNone, kChanges, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"roots/list", kRequest, S::kServer, S::kEmbedded, kFirst, kinds::kRootList, kNone,
               kReads, L::kNone, kNotMirrored, kNeverAsks},

    // What servers tell agents.
    MethodInfo{"notifications/resources/updated", kNotification, S::kServer, S::kServer, kFirst,
               kinds::kResourceUpdated, kParamsUri, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/message", kNotification, S::kServer, S::kServer, kFirst,
               kinds::kLogMessage, kNone, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"notifications/elicitation/complete", kNotification, S::kServer, S::kNobody,
               kRevision20251125, kinds::kElicitationCompleted, kNone, kReads, L::kNone,
               kNotMirrored, kNeverAsks},

    // Tasks: of the core in 2025-11-25, of the extension in 2026-07-28.
    MethodInfo{"tasks/get", kRequest, S::kEither, S::kClient, kRevision20251125, kinds::kTaskGet,
               kTaskId, kReads, L::kNone, kMirrored, kNeverAsks},
    MethodInfo{"tasks/result", kRequest, S::kEither, S::kNobody, kRevision20251125,
               kinds::kTaskResult, kTaskId, kReads, L::kNone, kNotMirrored, kNeverAsks},
    MethodInfo{"tasks/list", kRequest, S::kEither, S::kNobody, kRevision20251125, kinds::kTaskList,
               kNone, kReads, L::kTasks, kNotMirrored, kNeverAsks},
    MethodInfo{"tasks/cancel", kRequest, S::kEither, S::kClient, kRevision20251125,
               kinds::kTaskCancel, kTaskId, kChanges, L::kNone, kMirrored, kNeverAsks},
    MethodInfo{"tasks/update", kRequest, S::kNobody, S::kClient, "", kinds::kTaskUpdate, kTaskId,
               kChanges, L::kNone, kMirrored, kNeverAsks},
    MethodInfo{"notifications/tasks/status", kNotification, S::kEither, S::kNobody,
               kRevision20251125, kinds::kTaskStatus, kTaskId, kReads, L::kNone, kNotMirrored,
               kNeverAsks},
    MethodInfo{"notifications/tasks", kNotification, S::kNobody, S::kServer, "", kinds::kTaskStatus,
               kTaskId, kReads, L::kNone, kNotMirrored, kNeverAsks},
};

bool may_send(Sender sender, Side side) {
  return sender == Sender::kEither ||
         sender == (side == Side::kClient ? Sender::kClient : Sender::kServer);
}

}  // namespace

std::span<const MethodInfo> methods() {
  return kMethods;
}

const MethodInfo* find_method(std::string_view method, std::string_view revision, Side sender,
                              Form form) {
  const std::optional<Era> era = era_of(revision);
  if (!era) {
    return nullptr;
  }
  for (const MethodInfo& info : kMethods) {
    if (info.method != method) {
      continue;
    }
    const bool legacy = *era == Era::kLegacy;
    const bool exists = !legacy || (!info.since.empty() && info.since <= revision);
    const bool fits = info.form == form && may_send(legacy ? info.legacy : info.modern, sender);
    return exists && fits ? &info : nullptr;
  }
  return nullptr;
}

const MethodInfo* find_embedded(std::string_view method) {
  for (const MethodInfo& info : kMethods) {
    if (info.method == method) {
      return info.modern == Sender::kEmbedded ? &info : nullptr;
    }
  }
  return nullptr;
}

std::string_view list_member(ListKind list) {
  switch (list) {
    case ListKind::kNone:
      return "";
    case ListKind::kTools:
      return "tools";
    case ListKind::kPrompts:
      return "prompts";
    case ListKind::kResources:
      return "resources";
    case ListKind::kTemplates:
      return "resourceTemplates";
    case ListKind::kTasks:
      return "tasks";
  }
  return "";
}

std::string_view list_item_key(ListKind list) {
  switch (list) {
    case ListKind::kNone:
      return "";
    case ListKind::kTools:
    case ListKind::kPrompts:
      return "name";
    case ListKind::kResources:
      return "uri";
    case ListKind::kTemplates:
      return "uriTemplate";
    case ListKind::kTasks:
      return "taskId";
  }
  return "";
}

std::string_view list_item_verb(ListKind list) {
  switch (list) {
    case ListKind::kNone:
      return "";
    case ListKind::kTools:
      return kinds::kToolCall;
    case ListKind::kPrompts:
      return kinds::kPromptGet;
    case ListKind::kResources:
    case ListKind::kTemplates:
      return kinds::kResourceRead;
    case ListKind::kTasks:
      return kinds::kTaskGet;
  }
  return "";
}

}  // namespace pawl::mcp
