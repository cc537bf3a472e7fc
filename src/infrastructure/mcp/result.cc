#include "infrastructure/mcp/result.h"

#include <array>
#include <span>

#include "foundation/records/names.h"
#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {

bool is_tool_error(const json::Value& result) {
  const json::Value* flag = json::find(result, {"isError"});
  return flag != nullptr && (!flag->is_bool() || flag->get_bool());
}

Answer answer_of(const jsonrpc::Message& response) {
  Answer answer;
  if (response.error) {
    answer.body = response.error->of(response.text);
    answer.is_error = true;
  } else if (response.result) {
    answer.body = response.result->of(response.text);
    const json::Value* result = response.result_value();
    answer.success = result != nullptr && !is_tool_error(*result);
    answer.value = {response.value, result};
  }
  return answer;
}

ResultType result_type(const json::Value& result, Era era) {
  if (era == Era::kLegacy) {
    const json::Value* task = json::find(result, {"task"});
    return task != nullptr && task->is_object() ? ResultType::kTask : ResultType::kComplete;
  }
  const json::Value* type = json::find(result, {"resultType"});
  if (type == nullptr) {
    return ResultType::kComplete;
  }
  const std::string_view text = json::find_string(result, {"resultType"}).value_or("");
  if (text == "complete") {
    return ResultType::kComplete;
  }
  if (text == "input_required") {
    return ResultType::kInputRequired;
  }
  return text == "task" ? ResultType::kTask : ResultType::kOther;
}

std::string with_record(std::string_view body, bool is_error, const Uuid& record,
                        std::string_view proof, std::string_view token) {
  const std::string id = record.text();
  std::array<MetaMember, 3> all{};
  std::size_t count = 0;
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{names::kMetaProof, proof},
        {names::kMetaRecord, id},
        {names::kMetaToken, token}}) {
    if (!value.empty()) {
      all[count++] = {name, value, MetaMember::Form::kText};
    }
  }
  const auto members = std::span(all).first(count);
  const json::Span whole = json::whole(body);
  if (!is_error) {
    return with_meta(body, whole, members);
  }
  const std::optional<json::Span> data = json::member(body, whole, "data");
  if (!data) {
    return json::with_member(body, whole, "data", with_meta("{}", {0, 2}, members));
  }
  return body[data->begin] == '{' ? with_meta(body, *data, members) : std::string(body);
}

std::optional<std::string> result_state(const json::Value& result) {
  const auto state = json::find_string(result, {"requestState"});
  return state ? std::optional<std::string>(*state) : std::nullopt;
}

std::string with_result_state(std::string_view body, std::string_view state) {
  return json::with_member(body, json::whole(body), "requestState", json::quote(state));
}

}  // namespace pawl::mcp
