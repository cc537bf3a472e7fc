// How a call that waits for people looks to a client: as a task, as a page to open, in both eras.
//
// Purpose:    print results, requests and errors. Who chooses among them: bridge/hold_way.h.
// Threading:  pure functions.
// Rule:       texts are Pawl's own words; nothing that an agent or a server wrote stands in them.
// Source:     MCP 2025-11-25: tasks, elicitation (mode `url`, error -32042); MCP 2026-07-28: Multi
//             Round-Trip Requests, elicitation; the extension io.modelcontextprotocol/tasks.
//
// Example:    body = created_task_result(era, task);   body = approval_input_required(page, state);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "infrastructure/mcp/era.h"
#include "infrastructure/mcp/tasks.h"
#include "path/exchange.h"

namespace pawl::mcp {

inline constexpr std::string_view kElicitationCreate = "elicitation/create";
inline constexpr std::string_view kElicitationComplete = "notifications/elicitation/complete";
// Of InputRequests, for Pawl's own question.
inline constexpr std::string_view kApprovalInput = "pawl.approval";
// UrlElicitationRequiredError of 2025-11-25.
inline constexpr int kUrlElicitationRequired = -32042;

// A task of Pawl's own.
struct OwnTaskView {
  std::string handle;
  TaskStatus status = TaskStatus::kWorking;
  std::string message;  // for people; empty: none
  WallTime created, updated;
  std::int64_t ttl_ms = 0;
  std::int64_t poll_ms = 0;
  // Modern, of an ended one: the raw result (kCompleted) or error (kFailed). Empty: none.
  std::string outcome;
};
std::string_view task_status_name(TaskStatus status);
std::string created_task_result(Era era, const OwnTaskView& task);
// What tasks/get and the legacy tasks/cancel answer.
std::string task_result(Era era, const OwnTaskView& task);

// A page where people decide.
struct ApprovalPage {
  std::string id;  // of the approval
  std::string url;
};
// The page of a pending approval; empty url: there is none.
ApprovalPage page_of(const PendingApproval& pending);
std::string approval_message(const ApprovalPage& page);
// `params` of elicitation/create. The modern era knows no elicitationId.
std::string approval_elicitation(Era era, const ApprovalPage& page);
std::string approval_input_required(const ApprovalPage& page, std::string_view state);
std::string approval_required_error(const ApprovalPage& page);

}  // namespace pawl::mcp
