// Tasks of both eras, as the gateway follows them.
//
// Purpose:    read a task's id and status out of results and notifications, so that a handle can be
//             bound to its caller and its end recorded once.
// Threading:  pure functions.
// Source:     MCP 2025-11-25 tasks; the extension io.modelcontextprotocol/tasks (SEP-2663).
// Not errors: a result that holds no task (nullopt).
//
// Example:
//   if (auto task = created_task(result, era)) { bind(task->id, caller); }
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "infrastructure/mcp/era.h"

namespace pawl::mcp {

enum class TaskStatus { kWorking, kInputRequired, kCompleted, kFailed, kCancelled, kUnknown };

struct TaskView {
  std::string id;
  TaskStatus status = TaskStatus::kUnknown;
  std::int64_t poll_interval_ms = 0;  // 0: not said
  bool ended() const {
    return status == TaskStatus::kCompleted || status == TaskStatus::kFailed ||
           status == TaskStatus::kCancelled;
  }
};

// The task that a result created (resultType "task", or the legacy member `task`).
std::optional<TaskView> created_task(const json::Value& result, Era era);
// The task in a tasks/get or tasks/cancel result, a tasks/list item, or a notification's params.
std::optional<TaskView> task_view(const json::Value& task);
// True when a completed task's inlined result says isError (modern), so that its outcome is failed.
bool completed_with_error(const json::Value& task);

}  // namespace pawl::mcp
