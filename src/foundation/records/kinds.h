// The record kinds: the values of `exec_act` that Pawl writes (docs/formats/records.md).
//
// A kind is "area.record"; the record's body stands in ect_ext["pawl." + area]. A token counts as a
// Pawl record only if its exec_act is in this table and it carries the profile member.
#pragma once

#include <array>
#include <string_view>

namespace pawl::kinds {

// Actions: the verb of the method (infrastructure/mcp/methods.cc maps methods to these).
inline constexpr std::string_view kToolCall = "tool.call";
inline constexpr std::string_view kToolList = "tool.list";
inline constexpr std::string_view kResourceRead = "resource.read";
inline constexpr std::string_view kResourceList = "resource.list";
inline constexpr std::string_view kResourceTemplates = "resource.templates";
inline constexpr std::string_view kResourceSubscribe = "resource.subscribe";
inline constexpr std::string_view kResourceUnsubscribe = "resource.unsubscribe";
inline constexpr std::string_view kResourceUpdated = "resource.updated";
inline constexpr std::string_view kSubscriptionListen = "subscription.listen";
inline constexpr std::string_view kPromptGet = "prompt.get";
inline constexpr std::string_view kPromptList = "prompt.list";
inline constexpr std::string_view kCompletionRequest = "completion.request";
inline constexpr std::string_view kSamplingRequest = "sampling.request";
inline constexpr std::string_view kElicitationRequest = "elicitation.request";
inline constexpr std::string_view kElicitationCompleted = "elicitation.completed";
inline constexpr std::string_view kRootList = "root.list";
inline constexpr std::string_view kLogLevel = "log.level";
inline constexpr std::string_view kLogMessage = "log.message";
inline constexpr std::string_view kTaskGet = "task.get";
inline constexpr std::string_view kTaskResult = "task.result";
inline constexpr std::string_view kTaskCancel = "task.cancel";
inline constexpr std::string_view kTaskList = "task.list";
inline constexpr std::string_view kTaskUpdate = "task.update";
inline constexpr std::string_view kTaskStatus = "task.status";

// What happened to an Action that was not forwarded.
inline constexpr std::string_view kTaskDenied = "task.denied";
inline constexpr std::string_view kTaskError = "task.error";
inline constexpr std::string_view kTaskRepeated = "task.repeated";      // it got a kept answer
inline constexpr std::string_view kRefusalSummary = "refusal.summary";  // a flood, summed up
inline constexpr std::string_view kNoticeSummary = "notice.summary";    // the same, of a server

// A token of somebody else that was presented, and its bytes.
inline constexpr std::string_view kTokenReceived = "token.received";

// Tasks and unknowns followed to their end.
inline constexpr std::string_view kTaskOutcome = "task.outcome";
inline constexpr std::string_view kUnknownResolved = "unknown.resolved";

// State changes.
inline constexpr std::string_view kLedgerOpened = "ledger.opened";
inline constexpr std::string_view kLedgerPruned = "ledger.pruned";
inline constexpr std::string_view kNodeStarted = "node.started";
inline constexpr std::string_view kNodeStopped = "node.stopped";
inline constexpr std::string_view kClockStepped = "clock.stepped";
inline constexpr std::string_view kPolicyActivated = "policy.activated";
inline constexpr std::string_view kConfigChanged = "config.changed";
inline constexpr std::string_view kOverrideApplied = "override.applied";
inline constexpr std::string_view kOverrideLifted = "override.lifted";
inline constexpr std::string_view kKeyActivated = "key.activated";
inline constexpr std::string_view kKeyRetired = "key.retired";
inline constexpr std::string_view kKeyCompromised = "key.compromised";
inline constexpr std::string_view kIdentityEnrolled = "identity.enrolled";
inline constexpr std::string_view kIdentityRemoved = "identity.removed";
inline constexpr std::string_view kIdentityRevoked = "identity.revoked";
inline constexpr std::string_view kIdentityRestored = "identity.restored";
inline constexpr std::string_view kAuditErasure = "audit.erasure";

// Held calls: asked about, decided by people, over, told to the caller.
inline constexpr std::string_view kApprovalRequested = "approval.requested";
inline constexpr std::string_view kApprovalDecided = "approval.decided";
inline constexpr std::string_view kApprovalExpired = "approval.expired";
inline constexpr std::string_view kApprovalDelivered = "approval.delivered";

// A change of the rules that somebody proposes, for review.
inline constexpr std::string_view kPolicyProposed = "policy.proposed";

// A policy token that verified here for the first time.
inline constexpr std::string_view kPolicyIssued = "policy.issued";

// Operators: their keys, that they signed in, what they did then, and what was refused where they
// act.
inline constexpr std::string_view kOperatorEnrolled = "operator.enrolled";
inline constexpr std::string_view kOperatorRemoved = "operator.removed";
inline constexpr std::string_view kOperatorSignedIn = "operator.signed_in";
inline constexpr std::string_view kOperatorActed = "operator.acted";
inline constexpr std::string_view kOperatorRefused = "operator.refused";

// Local processes of servers.
inline constexpr std::string_view kProcessStarted = "process.started";
inline constexpr std::string_view kProcessExited = "process.exited";

inline constexpr std::array kAll = {kToolCall,
                                    kToolList,
                                    kResourceRead,
                                    kResourceList,
                                    kResourceTemplates,
                                    kResourceSubscribe,
                                    kResourceUnsubscribe,
                                    kResourceUpdated,
                                    kSubscriptionListen,
                                    kPromptGet,
                                    kPromptList,
                                    kCompletionRequest,
                                    kSamplingRequest,
                                    kElicitationRequest,
                                    kElicitationCompleted,
                                    kRootList,
                                    kLogLevel,
                                    kLogMessage,
                                    kTaskGet,
                                    kTaskResult,
                                    kTaskCancel,
                                    kTaskList,
                                    kTaskUpdate,
                                    kTaskStatus,
                                    kTaskDenied,
                                    kTaskError,
                                    kTaskRepeated,
                                    kRefusalSummary,
                                    kNoticeSummary,
                                    kTaskOutcome,
                                    kUnknownResolved,
                                    kLedgerOpened,
                                    kNodeStarted,
                                    kNodeStopped,
                                    kClockStepped,
                                    kPolicyActivated,
                                    kOverrideApplied,
                                    kOverrideLifted,
                                    kKeyActivated,
                                    kKeyRetired,
                                    kKeyCompromised,
                                    kIdentityRevoked,
                                    kIdentityRestored,
                                    kAuditErasure,
                                    kTokenReceived,
                                    kConfigChanged,
                                    kIdentityEnrolled,
                                    kIdentityRemoved,
                                    kProcessStarted,
                                    kProcessExited,
                                    kLedgerPruned,
                                    kApprovalRequested,
                                    kApprovalDecided,
                                    kApprovalExpired,
                                    kApprovalDelivered,
                                    kPolicyProposed,
                                    kPolicyIssued,
                                    kOperatorEnrolled,
                                    kOperatorRemoved,
                                    kOperatorSignedIn,
                                    kOperatorActed,
                                    kOperatorRefused};

bool is_known(std::string_view exec_act);
// The table's own copy of a known kind (it lives for ever); empty for an unknown one.
std::string_view canonical(std::string_view exec_act);
// Whether this verb tells something and has no answer: nobody waits for it, so nobody can be asked
// whether it may go on.
bool is_notice(std::string_view verb);
// Whether records of this kind stay when those around them are pruned: they state who may sign,
// what is in force and why (docs/formats/minimum.md).
bool outlives_pruning(std::string_view exec_act);
// "tool" of "tool.call".
std::string_view area(std::string_view exec_act);

}  // namespace pawl::kinds
