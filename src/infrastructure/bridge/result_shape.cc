#include "infrastructure/bridge/result_shape.h"

#include <algorithm>

#include "foundation/records/kinds.h"
#include "infrastructure/bridge/tool_schemas.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/lists.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/mcp/result.h"
#include "infrastructure/mcp/tasks.h"
#include "path/plugged.h"

namespace pawl::bridge {
namespace {

Result<std::string> shape_list(Core& core, const Inbound& in, const std::string& body) {
  if (in.info->list == mcp::ListKind::kTasks) {
    return core.tasks.wrap_list(body, owner_of(in));
  }
  const std::string_view verb = mcp::list_item_verb(in.info->list);
  Result<std::string> filtered =
      mcp::filter_list(body, in.info->list, in.era, [&](std::string_view name) {
        return core.parts.gateway.may_use(in.caller, in.server, verb, name) ||
               !plugged(ControlId::kListFilter);
      });
  if (filtered && in.info->list == mcp::ListKind::kTools) {
    ToolSchemas::note(core, in.server, *filtered);
    if (in.session && in.session->own_tasks.offered) {
      auto& tools = in.session->own_tasks.tools;
      return mcp::with_task_support(*std::move(filtered), [&](std::string_view name) {
        const bool may = core.parts.gateway.may_be_held(in.caller, in.server, verb, name) &&
                         tools.size() < Session::kMaxOwnTaskTools;
        if (may) {
          tools.emplace(in.server, name);
        }
        return may;
      });
    }
  }
  return filtered;
}

bool names_task(const Inbound& in, const json::Value& result) {
  return in.info->name == mcp::NamePlace::kTaskId || mcp::created_task(result, in.era) ||
         mcp::meta_value(&result, mcp::kMetaRelatedTask) != nullptr;
}

// Every place where a result names a task.
std::string shape_tasks(Core& core, const Inbound& in, std::string body,
                        const json::Value& result) {
  const auto task = mcp::created_task(result, in.era);
  const TaskOwner owner = owner_of(in);
  if (task) {
    const Result<std::optional<std::string>> name = mcp::named(in.message, *in.info);
    core.tasks.create(owner, task->id,
                      in.info->verb == kinds::kToolCall && name ? name->value_or("") : "");
    const json::Span whole = json::whole(body);
    const json::Span at = in.era == mcp::Era::kLegacy ? *json::member(body, whole, "task") : whole;
    body = json::replaced(body, at, core.tasks.wrap_member(std::string(at.of(body)), owner));
  } else if (in.info->name == mcp::NamePlace::kTaskId) {
    body = core.tasks.wrap_member(body, owner, in.task_tool);
  }
  return core.tasks.wrap_related(std::move(body), owner);
}

Result<std::string> shape_state(Core& core, const Inbound& in, const std::string& body,
                                const json::Value& result, const Uuid& record) {
  const Result<std::optional<std::string>> name = mcp::named(in.message, *in.info);
  const mcp::StateBinding binding{in.caller.agent, in.server, in.message.method,
                                  name ? name->value_or("") : "", mcp::params_digest(in.message)};
  const std::optional<std::string> upstream = mcp::result_state(result);
  const Result<std::string> state =
      core.states.seal(binding, upstream, record, core.parts.clock.wall());
  if (!state) {
    return fail(Code::kUpstreamFailed, state.error().message);
  }
  return mcp::with_result_state(body, *state);
}

// EmptyResult by the schema: clients compare it with {}, so only the header names the record.
bool stays_empty(const Inbound& in, const json::Value& result) {
  const std::string_view verb = in.info->verb;
  return (verb == kinds::kLogLevel || verb == kinds::kResourceSubscribe ||
          verb == kinds::kResourceUnsubscribe) &&
         result == json::Value(json::Object());
}

}  // namespace

Result<std::string> shape_result(Core& core, const Inbound& in, const Answer& answer,
                                 const RecordRef& record) {
  std::shared_ptr<const json::Value> value = answer.value;
  if (!value) {  // an answer that was kept
    Result<json::SharedParsed> parsed = json::parse_shared(answer.body);
    if (!parsed) {
      return fail(Code::kUpstreamFailed, parsed.error().message);
    }
    value = std::move(parsed->value);
  }
  std::string honest;  // where the server wrote keys of ours
  std::string_view body = answer.body;
  if (mcp::may_hold_own_keys(body)) {
    honest = mcp::without_own_keys(answer.body, in.info->verb == kinds::kToolCall
                                                    ? mcp::kStructuredContent
                                                    : std::string_view());
    body = honest;
  }
  Result<std::string> shaped = std::string();
  if (in.info->list != mcp::ListKind::kNone) {
    shaped = shape_list(core, in, std::string(body));
  } else if (mcp::result_type(*value, in.era) == mcp::ResultType::kInputRequired) {
    shaped = shape_state(core, in, std::string(body), *value, record.id);
  } else if (names_task(in, *value)) {
    shaped = shape_tasks(core, in, std::string(body), *value);
  }
  if (!shaped) {
    return shaped;
  }
  if (!shaped->empty()) {
    body = *shaped;
  }
  if (stays_empty(in, *value)) {
    return std::string(body);
  }
  return mcp::with_record(body, false, record.id, core.proof_of(record),
                          core.token_in_body(record));
}

}  // namespace pawl::bridge
