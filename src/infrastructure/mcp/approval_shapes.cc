#include "infrastructure/mcp/approval_shapes.h"

#include "base/json_text.h"
#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/jsonrpc/message.h"

namespace pawl::mcp {
namespace {

// The members of a task, to which an era adds its own.
void put_task(json::ObjectText& out, Era era, const OwnTaskView& task) {
  const bool legacy = era == Era::kLegacy;
  out.text("taskId", task.handle);
  out.text("status", task_status_name(task.status));
  if (!task.message.empty()) {
    out.text("statusMessage", task.message);
  }
  out.text("createdAt", format_rfc3339(task.created));
  out.text("lastUpdatedAt", format_rfc3339(task.updated));
  out.raw(legacy ? "ttl" : "ttlMs", std::to_string(task.ttl_ms));
  out.raw(legacy ? "pollInterval" : "pollIntervalMs", std::to_string(task.poll_ms));
}

std::string task_object(Era era, const OwnTaskView& task, std::string_view result_type) {
  json::ObjectText out(512 + task.outcome.size());
  if (era == Era::kModern) {
    out.text("resultType", result_type);
  }
  put_task(out, era, task);
  if (era == Era::kModern && !task.outcome.empty()) {
    out.raw(task.status == TaskStatus::kCompleted ? "result" : "error", task.outcome);
  }
  return out.take();
}

}  // namespace

std::string_view task_status_name(TaskStatus status) {
  switch (status) {
    case TaskStatus::kWorking:
      return "working";
    case TaskStatus::kInputRequired:
      return "input_required";
    case TaskStatus::kCompleted:
      return "completed";
    case TaskStatus::kCancelled:
      return "cancelled";
    case TaskStatus::kFailed:
    case TaskStatus::kUnknown:
      break;
  }
  return "failed";
}

std::string created_task_result(Era era, const OwnTaskView& task) {
  return era == Era::kLegacy ? R"({"task":)" + task_object(era, task, "") + "}"
                             : task_object(era, task, "task");
}

std::string task_result(Era era, const OwnTaskView& task) {
  return task_object(era, task, "complete");
}

ApprovalPage page_of(const PendingApproval& pending) {
  const std::string id = pending.id.text();
  return {id, pending.address.empty() ? "" : pending.address + "/" + id};
}

std::string approval_message(const ApprovalPage& page) {
  return "A person has to approve this call before it happens (approval " + page.id +
         "). Open the page to decide on it, or pass it on to somebody who may.";
}

std::string approval_elicitation(Era era, const ApprovalPage& page) {
  json::ObjectText out(512);
  out.text("mode", "url");
  if (era == Era::kLegacy) {
    out.text("elicitationId", page.id);
  }
  out.text("url", page.url);
  out.text("message", approval_message(page));
  return out.take();
}

std::string approval_input_required(const ApprovalPage& page, std::string_view state) {
  std::string out = R"({"resultType":"input_required","inputRequests":{)";
  out.append(json::quote(kApprovalInput)).append(R"(:{"method":)");
  out.append(json::quote(kElicitationCreate)).append(R"(,"params":)");
  out.append(approval_elicitation(Era::kModern, page)).append(R"(}},"requestState":)");
  return out.append(json::quote(state)).append("}");
}

std::string approval_required_error(const ApprovalPage& page) {
  return jsonrpc::error_object(
      kUrlElicitationRequired, approval_message(page),
      R"({"elicitations":[)" + approval_elicitation(Era::kLegacy, page) + "]}");
}

}  // namespace pawl::mcp
