#include "gateway/followed_tasks.h"

#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/folded_record.h"

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

void FollowedTasks::apply(const FoldedRecord& record) {
  if (record.kind == kinds::kTaskOutcome) {
    for (const Uuid& id : ids_in(record.parents)) {
      open_.erase(id);
    }
    return;
  }
  FollowedTask task = task_of(record.body);
  if (record.id.is_nil() || task.task.empty() || open_.size() >= kMost) {
    return;
  }
  task.workflow = uuid_of(record.claims, names::kClaimWid);
  task.verb = record.kind;
  task.at = record.iat;
  open_.emplace(record.id, std::move(task));
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
    task.at = number_in(item, "at");
    out.open_.emplace(*id, std::move(task));
  }
  return out;
}

bool FoldedTasks::has(std::string_view kind) {
  return kind == kinds::kTaskOutcome;
}

}  // namespace pawl
