#include "infrastructure/mcp/tasks.h"

#include "infrastructure/mcp/result.h"

namespace pawl::mcp {
namespace {

TaskStatus status_of(std::string_view text) {
  if (text == "working") {
    return TaskStatus::kWorking;
  }
  if (text == "input_required") {
    return TaskStatus::kInputRequired;
  }
  if (text == "completed") {
    return TaskStatus::kCompleted;
  }
  if (text == "failed") {
    return TaskStatus::kFailed;
  }
  return text == "cancelled" ? TaskStatus::kCancelled : TaskStatus::kUnknown;
}

}  // namespace

std::optional<TaskView> task_view(const json::Value& task) {
  const auto id = json::find_string(task, {"taskId"});
  if (!id || id->empty()) {
    return std::nullopt;
  }
  TaskView view;
  view.id = *id;
  view.status = status_of(json::find_string(task, {"status"}).value_or(""));
  for (std::string_view key : {"pollIntervalMs", "pollInterval"}) {
    const json::Value* interval = json::find(task, {key});
    if (interval != nullptr && interval->is_int64() && interval->get_int64() > 0) {
      view.poll_interval_ms = interval->get_int64();
    }
  }
  return view;
}

std::optional<TaskView> created_task(const json::Value& result, Era era) {
  if (result_type(result, era) != ResultType::kTask) {
    return std::nullopt;
  }
  return task_view(era == Era::kLegacy ? *json::find(result, {"task"}) : result);
}

bool completed_with_error(const json::Value& task) {
  const json::Value* result = json::find(task, {"result"});
  return result != nullptr && is_tool_error(*result);
}

}  // namespace pawl::mcp
