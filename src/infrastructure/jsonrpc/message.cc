#include "infrastructure/jsonrpc/message.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace pawl::jsonrpc {
namespace {

tl::unexpected<Error> invalid(std::string what) {
  return fail(Code::kInvalidRequest, "not a JSON-RPC message: " + std::move(what));
}

bool is_integer(const json::Value& value) {
  return value.is_int64() || value.is_uint64();
}

bool is_id(const json::Value& value) {
  return value.is_string() || is_integer(value);
}

// An error when the member is there and no object.
Status check_object(const json::Object& object, std::string_view key) {
  const json::Value* value = object.if_contains(key);
  return value == nullptr || value->is_object() ? Status{}
                                                : invalid(std::string(key) + " must be an object");
}

void take_spans(Message& message, std::string_view text) {
  json::members(text, json::whole(text), {"id", "params", "result", "error"},
                {&message.id, &message.params, &message.result, &message.error});
}

Status take_id(Message& message, std::string_view text, const json::Object& object) {
  const json::Value* id = object.if_contains("id");
  if (id == nullptr) {
    return {};
  }
  if (id->is_null() && object.contains("error")) {
    message.id.reset();
    return {};  // JSON-RPC's form of an error that answers no readable request
  }
  if (!is_id(*id)) {
    return invalid("id must be a string or an integer");
  }
  message.id_text = message.id->of(text);
  return {};
}

Status check_call(Message& message, const json::Object& object) {
  const json::Value& method = object.at("method");
  if (!method.is_string() || method.get_string().empty()) {
    return invalid("method must be a string that is not empty");
  }
  if (object.contains("result") || object.contains("error")) {
    return invalid("a method stands beside a result or an error");
  }
  message.method = std::string(method.get_string());
  message.kind = message.id ? Kind::kRequest : Kind::kNotification;
  return check_object(object, "params");
}

// Only calls have params: an answer's member of this name is not looked at.
void forget_params(Message& message) {
  message.params.reset();
  message.parsed_params = nullptr;
}

Status check_answer(Message& message, const json::Object& object) {
  forget_params(message);
  const bool has_result = object.contains("result");
  if (has_result == object.contains("error")) {
    return invalid("expected a method, or one of result and error");
  }
  if (has_result) {
    message.kind = Kind::kResponse;
    if (!message.id) {
      return invalid("a result without an id");
    }
    return check_object(object, "result");
  }
  message.kind = Kind::kErrorResponse;
  if (Status taken = check_object(object, "error"); !taken) {
    return taken;
  }
  const json::Object& error = object.at("error").get_object();
  const json::Value* code = error.if_contains("code");
  const json::Value* text = error.if_contains("message");
  if (code == nullptr || !code->is_int64() || text == nullptr || !text->is_string()) {
    return invalid("error must hold an integer code and a string message");
  }
  return {};
}

// `rest`: how many bytes will follow, about.
std::string envelope(std::string_view id_text, std::size_t rest) {
  std::string out;
  out.reserve(40 + id_text.size() + rest);
  out = R"({"jsonrpc":"2.0")";
  if (!id_text.empty()) {
    out.append(R"(,"id":)").append(id_text);
  }
  return out;
}

}  // namespace

void Message::put_value(std::shared_ptr<const json::Value> parsed) {
  value = std::move(parsed);
  const json::Object& object = value->get_object();
  parsed_params = object.if_contains("params");
  parsed_result = object.if_contains("result");
  parsed_error = object.if_contains("error");
}

std::int64_t Message::error_code() const {
  const json::Value* code = value ? json::find(*value, {"error", "code"}) : nullptr;
  return code != nullptr && code->is_int64() ? code->get_int64() : 0;
}

Result<Message> decode(std::string&& text, const json::Limits& limits) {
  Result<json::SharedParsed> parsed = json::parse_shared(text, limits);
  if (!parsed) {
    return fail(parsed.error());
  }
  Message message;
  message.lossy_numbers = std::move(parsed->lossy_numbers);
  if (parsed->value->is_array()) {
    return invalid("batches are not accepted, send one message at a time");
  }
  if (!parsed->value->is_object()) {
    return invalid("expected an object");
  }
  message.put_value(std::move(parsed->value));
  const json::Object& object = message.value->get_object();
  const json::Value* version = object.if_contains("jsonrpc");
  if (version == nullptr || !version->is_string() || version->get_string() != "2.0") {
    return invalid(R"(jsonrpc must be "2.0")");
  }
  take_spans(message, text);
  Status checked = take_id(message, text, object);
  if (checked) {
    checked =
        object.contains("method") ? check_call(message, object) : check_answer(message, object);
  }
  if (!checked) {
    return fail(checked.error());
  }
  message.text = std::move(text);
  return message;
}

std::string salvage_id(std::string_view text, const json::Limits& limits) {
  const Result<json::Parsed> parsed = json::parse(text, limits);
  if (!parsed || !parsed->value.is_object()) {
    return "";
  }
  const json::Value* id = parsed->value.get_object().if_contains("id");
  if (id == nullptr || !is_id(*id)) {
    return "";
  }
  const std::optional<json::Span> span = json::member(text, json::whole(text), "id");
  return span ? std::string(span->of(text)) : "";
}

std::string with_id(const Message& message, std::string_view id_text) {
  return message.id ? json::replaced(message.text, *message.id, id_text) : message.text;
}

std::string with_params(const Message& message, std::string_view params) {
  return json::with_member(message.text, json::whole(message.text), "params", params);
}

std::string request(std::string_view id_text, std::string_view method, std::string_view params) {
  std::string out = envelope(id_text, method.size() + params.size());
  out.append(R"(,"method":)").append(json::quote(method));
  if (!params.empty()) {
    out.append(R"(,"params":)").append(params);
  }
  out += '}';
  return out;
}

std::string notification(std::string_view method, std::string_view params) {
  return request({}, method, params);
}

std::string response(std::string_view id_text, std::string_view result) {
  std::string out = envelope(id_text, result.size());
  out.append(R"(,"result":)").append(result) += '}';
  return out;
}

std::string error_response(std::string_view id_text, std::string_view error) {
  std::string out = envelope(id_text, error.size());
  out.append(R"(,"error":)").append(error) += '}';
  return out;
}

std::string error_object(std::int64_t code, std::string_view message, std::string_view data) {
  std::string out = R"({"code":)" + std::to_string(code);
  out.append(R"(,"message":)").append(json::quote(message));
  if (!data.empty()) {
    out.append(R"(,"data":)").append(data);
  }
  out += '}';
  return out;
}

}  // namespace pawl::jsonrpc
