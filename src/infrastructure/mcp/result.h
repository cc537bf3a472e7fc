// Results and errors of upstreams: what they mean, and the splices made before they are released.
//
// Purpose:    tell success from failure; put record id and proof address into `_meta`; swap the
//             requestState. Bytes that are not spliced stay as the upstream sent them.
// Threading:  pure functions.
// Errors:     kMalformed: the body is not a JSON object (it came from elsewhere than a Message).
// Not errors: a result without resultType (it means complete); an error without data.
//
// Example:
//   const bool is_error = message.kind == jsonrpc::Kind::kErrorResponse;
//   std::string body = with_record(answer_of(message).body, is_error, record.id, proof_url);
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/methods.h"
#include "path/exchange.h"

namespace pawl::mcp {

// The exact bytes of the response's result or error; success: a result that is_tool_error() denies.
Answer answer_of(const jsonrpc::Message& response);
// True when a result says isError, or says it with anything else than true or false.
bool is_tool_error(const json::Value& result);

enum class ResultType { kComplete, kInputRequired, kTask, kOther };
// By `resultType`; in the legacy era a result with a `task` object is kTask.
ResultType result_type(const json::Value& result, Era era);

// `body` is a result (is_error false) or an error object. Adds the record's id, and unless they are
// empty the proof's address and the record's token, to result._meta or error.data._meta. error.data
// that is present and no object is left alone.
std::string with_record(std::string_view body, bool is_error, const Uuid& record,
                        std::string_view proof, std::string_view token = {});

// The upstream's requestState in an input_required result; nullopt: none (or no string).
std::optional<std::string> result_state(const json::Value& result);
std::string with_result_state(std::string_view body, std::string_view state);

}  // namespace pawl::mcp
