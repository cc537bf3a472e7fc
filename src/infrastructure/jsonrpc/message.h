// JSON-RPC 2.0 messages as MCP uses them: strict in, exact bytes kept.
//
// Purpose:    one decode gives the kind, the spans and the one parsed value; everything forwarded
//             is the decoded text with small splices, never a re-serialisation.
// Threading:  pure functions; a Message is a plain value (its parsed value is shared, immutable).
// Ownership:  a Message owns its bytes; the spans point into `text`.
// Errors:     kMalformed: not JSON, a duplicate key, bad UTF-8. kTooLarge: bytes, depth, members.
//             kInvalidRequest: JSON, but no message (batch, jsonrpc not "2.0", an id neither string
//             nor integer, params, result or error of the wrong type).
// Not errors: unknown members (kept); numbers that a double changes (listed, for the caller).
//
// Example:
//   Result<jsonrpc::Message> message = jsonrpc::decode(std::move(body), limits);
//   if (message && message->kind == jsonrpc::Kind::kRequest) { ... message->method ... }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::jsonrpc {

enum class Kind { kRequest, kNotification, kResponse, kErrorResponse };

struct Message {
  Kind kind = Kind::kRequest;
  std::string text;    // the exact bytes, as received
  std::string method;  // unescaped; empty for responses
  // Raw JSON of the id ("7", "\"a\""); empty: a notification, or an error without id.
  std::string id_text;
  std::shared_ptr<const json::Value> value;  // the one parse of `text`
  std::vector<std::string> lossy_numbers;    // JSON Pointers into the message, at most 8

  // Spans within `text`; nullopt: no such member.
  std::optional<json::Span> id;
  std::optional<json::Span> params;  // an object
  std::optional<json::Span> result;  // an object; only in responses
  std::optional<json::Span> error;   // an object with an integer code; only in error responses
  // Within `value`, which is an object: put_value() finds them.
  const json::Value* parsed_params = nullptr;
  const json::Value* parsed_result = nullptr;
  const json::Value* parsed_error = nullptr;

  std::string_view params_text() const { return params ? params->of(text) : std::string_view(); }
  // The parsed params, result or error; nullptr when the message has none.
  const json::Value* params_value() const { return parsed_params; }
  const json::Value* result_value() const { return parsed_result; }
  const json::Value* error_value() const { return parsed_error; }
  void put_value(std::shared_ptr<const json::Value> parsed);
  std::int64_t error_code() const;  // 0 when this is no error response
};

// Takes the bytes of exactly one message; `text` is left as it is on an error.
Result<Message> decode(std::string&& text, const json::Limits& limits = {});
inline Result<Message> decode(const std::string& text, const json::Limits& limits = {}) {
  return decode(std::string(text), limits);
}

// The raw id of a text that decode() refused, where one can be told, else "" (the error answer then
// has no id, as MCP asks). Never fails.
std::string salvage_id(std::string_view text, const json::Limits& limits = {});

// The message's text with another id (raw JSON), every other byte as it was. The message has an id.
std::string with_id(const Message& message, std::string_view id_text);
// The message's text with its params (or result, or error) replaced by raw JSON.
std::string with_params(const Message& message, std::string_view params);

// Builders. `id_text`, `params`, `result`, `error` are raw JSON; an empty `params` is left out.
std::string request(std::string_view id_text, std::string_view method, std::string_view params);
std::string notification(std::string_view method, std::string_view params);
std::string response(std::string_view id_text, std::string_view result);
// An empty `id_text` leaves the id out (an error that answers no readable request).
std::string error_response(std::string_view id_text, std::string_view error);
// {"code":..,"message":..,"data":..}; an empty `data` is left out.
std::string error_object(std::int64_t code, std::string_view message, std::string_view data = {});

}  // namespace pawl::jsonrpc
