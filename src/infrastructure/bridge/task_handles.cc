#include "infrastructure/bridge/task_handles.h"

#include <functional>
#include <initializer_list>
#include <optional>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limit_stat.h"
#include "foundation/crypto/sha256.h"
#include "infrastructure/mcp/meta.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::string_view kTaskId = "taskId";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out.append(std::to_string(part.size())).append(":").append(part);
  }
  return out;
}

std::string entry_of(const TaskOwner& owner, std::string_view id) {
  return joined({owner.agent, owner.server, mcp::era_name(owner.era), id});
}

std::optional<std::string> task_id(std::string_view object) {
  const Result<json::Parsed> parsed = json::parse(object);
  const auto id = parsed ? json::find_string(parsed->value, {kTaskId}) : std::nullopt;
  return id && !id->empty() ? std::optional<std::string>(*id) : std::nullopt;
}

std::string with_task_id(std::string_view object, std::string_view id) {
  return json::with_member(object, json::whole(object), kTaskId, json::quote(id));
}

// `object` with the related task's id changed, if it names one and `change` gives another.
std::string change_related(
    std::string object,
    const std::function<std::optional<std::string>(const std::string&)>& change) {
  const auto related = mcp::meta_text(object, json::whole(object), mcp::kMetaRelatedTask);
  const auto id =
      related && !related->empty() && related->front() == '{' ? task_id(*related) : std::nullopt;
  const std::optional<std::string> changed = id ? change(*id) : std::nullopt;
  if (!changed) {
    return object;
  }
  return mcp::with_meta(object, json::whole(object), mcp::kMetaRelatedTask,
                        with_task_id(*related, *changed));
}

LimitStat task_handles("task_handles");

}  // namespace

std::string TaskHandles::mac(const TaskOwner& owner, std::string_view id,
                             std::string_view tool) const {
  const Digest digest = hmac_sha256(key_, joined({entry_of(owner, id), tool}));
  return base64url_encode(view(digest).substr(0, kMacBytes));
}

void TaskHandles::create(const TaskOwner& owner, const std::string& id, const std::string& tool) {
  (void)wrap(owner, id, tool);
  if (const auto known = known_.find(entry_of(owner, id)); known != known_.end()) {
    known->second = tool;
  }
}

std::string TaskHandles::wrap(const TaskOwner& owner, const std::string& id,
                              const std::string& tool) {
  std::string entry = entry_of(owner, id);
  const auto [at, fresh] = known_.emplace(entry, tool);
  const std::string made_by = at->second;
  if (fresh) {
    order_.push_back(std::move(entry));
    if (order_.size() > max_known_) {
      task_handles.reached();
      known_.erase(order_.front());
      order_.pop_front();
    }
  }
  return id + "." + base64url_encode(made_by) + "." + mac(owner, id, made_by);
}

Result<TaskHandles::Opened> TaskHandles::open(const TaskOwner& owner,
                                              std::string_view handle) const {
  const std::size_t last = handle.rfind('.');
  const std::size_t first =
      last == std::string_view::npos || last == 0 ? last : handle.rfind('.', last - 1);
  if (last != std::string_view::npos && first != std::string_view::npos && first > 0) {
    const std::string_view id = handle.substr(0, first);
    const Result<std::string> tool = base64url_decode(handle.substr(first + 1, last - first - 1));
    const auto known = known_.find(entry_of(owner, id));
    const bool reused = tool && known != known_.end() && known->second != *tool;
    if (tool && !reused &&
        (equal_constant_time(handle.substr(last + 1), mac(owner, id, *tool)) ||
         !plugged(ControlId::kTaskCaller))) {
      return Opened{std::string(id), *tool};
    }
  }
  return fail(Code::kInvalidParams, "no such task of this caller");
}

std::string TaskHandles::tool_of(const TaskOwner& owner, const std::string& id) const {
  const auto known = known_.find(entry_of(owner, id));
  return known == known_.end() ? "" : known->second;
}

bool TaskHandles::is_known(const TaskOwner& owner, const std::string& id) const {
  return known_.count(entry_of(owner, id)) != 0;
}

std::string TaskHandles::wrap_member(const std::string& object, const TaskOwner& owner,
                                     const std::string& tool) {
  const std::optional<std::string> id = task_id(object);
  return id ? with_task_id(object, wrap(owner, *id, tool)) : object;
}

Result<std::string> TaskHandles::wrap_list(std::string result, const TaskOwner& owner) {
  const auto array = json::member(result, json::whole(result), "tasks");
  if (!array || result[array->begin] != '[') {
    return fail(Code::kUpstreamFailed, "the server's answer holds no array 'tasks'");
  }
  std::string kept = "[";
  for (const json::Span& element : json::elements(result, *array)) {
    const std::string item(element.of(result));
    const std::optional<std::string> id = task_id(item);
    if (id && is_known(owner, *id)) {
      kept.append(kept.size() == 1 ? "" : ",").append(wrap_member(item, owner));
    }
  }
  return json::replaced(result, *array, kept += ']');
}

std::string TaskHandles::wrap_related(std::string object, const TaskOwner& owner) {
  return change_related(std::move(object), [&](const std::string& id) {
    return is_known(owner, id) ? std::optional(wrap(owner, id)) : std::nullopt;
  });
}

std::string TaskHandles::open_related(std::string object, const TaskOwner& owner) const {
  return change_related(std::move(object), [&](const std::string& handle) {
    Result<Opened> task = open(owner, handle);
    return task ? std::optional(std::move(task->id)) : std::nullopt;
  });
}

}  // namespace pawl::bridge
