#include "gateway/followed_tasks.h"

#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::string_view kTask = "task";

std::string text_of(const json::Value& object, std::string_view name) {
  return std::string(json::find_string(object, {name}).value_or(""));
}

std::optional<Uuid> uuid_of(const json::Value& object, std::string_view name) {
  const Result<Uuid> id = Uuid::parse(text_of(object, name));
  return id ? std::optional<Uuid>(*id) : std::nullopt;
}

std::int64_t number_of(const json::Value& object, std::string_view name) {
  const json::Value* number = json::find(object, {name});
  return number != nullptr && number->is_int64() ? number->get_int64() : 0;
}

FollowedTask task_of(const json::Value& body) {
  FollowedTask out;
  out.agent = text_of(body, "agent");
  out.on_behalf_of = text_of(body, "on_behalf_of");
  out.server = text_of(body, "server");
  out.tool = text_of(body, "tool");
  out.task = text_of(body, kTask);
  return out;
}

}  // namespace

void FollowedTasks::apply(std::string_view kind, const json::Value& claims,
                          const json::Value* parents, const json::Value& body) {
  if (kind == kinds::kTaskOutcome) {
    if (parents == nullptr || !parents->is_array()) {
      return;
    }
    for (const json::Value& parent : parents->get_array()) {
      const Result<Uuid> id =
          Uuid::parse(parent.is_string() ? std::string_view(parent.get_string()) : "");
      if (id) {
        open_.erase(*id);
      }
    }
    return;
  }
  const std::optional<Uuid> id = uuid_of(claims, names::kClaimJti);
  FollowedTask task = task_of(body);
  if (!id || task.task.empty() || open_.size() >= kMost) {
    return;
  }
  task.workflow = uuid_of(claims, names::kClaimWid);
  task.verb = kind;
  task.at = number_of(claims, names::kClaimIat);
  open_.emplace(*id, std::move(task));
}

json::Array FollowedTasks::print() const {
  json::Array out;
  for (const auto& [id, task] : open_) {
    json::Object each;
    each["call"] = id.text();
    if (task.workflow) {
      each["wid"] = task.workflow->text();
    }
    each["verb"] = task.verb;
    each["agent"] = task.agent;
    each["on_behalf_of"] = task.on_behalf_of;
    each["server"] = task.server;
    each["tool"] = task.tool;
    each[kTask] = task.task;
    each["at"] = task.at;
    out.emplace_back(std::move(each));
  }
  return out;
}

FollowedTasks FollowedTasks::read(const json::Value* list) {
  FollowedTasks out;
  if (list == nullptr || !list->is_array()) {
    return out;
  }
  for (const json::Value& item : list->get_array()) {
    const std::optional<Uuid> id = uuid_of(item, "call");
    FollowedTask task = task_of(item);
    if (!id || task.task.empty()) {
      continue;
    }
    task.workflow = uuid_of(item, "wid");
    task.verb = text_of(item, "verb");
    task.at = number_of(item, "at");
    out.open_.emplace(*id, std::move(task));
  }
  return out;
}

}  // namespace pawl
