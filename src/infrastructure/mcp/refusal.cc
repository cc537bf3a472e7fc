#include "infrastructure/mcp/refusal.h"

#include "foundation/records/names.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/request_headers.h"
#include "infrastructure/mcp/result.h"

namespace pawl::mcp {
namespace {

constexpr std::string_view kTool = "Pawl";

std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out.append(out.empty() ? "" : ", ").append(item);
  }
  return out.empty() ? "none" : out;
}

std::string approval_of(const PendingApproval& pending) {
  std::string out = R"({"id":)" + json::quote(pending.id.text());
  out.append(R"(,"address":)").append(json::quote(pending.address));
  return out.append(R"(,"expires":)").append(std::to_string(pending.expires)).append("}");
}

// code, rule, record, reason, retry_helps, retry_after_ms: the same members in both forms.
std::string details(const Refusal& refusal, const Uuid& record) {
  std::string out = R"({"code":)" + json::quote(code_name(refusal.code));
  if (!refusal.control.empty()) {
    out.append(R"(,"control":)").append(json::quote(refusal.control));
  }
  if (!refusal.rule.empty()) {
    out.append(R"(,"rule":)").append(json::quote(refusal.rule));
  }
  if (!record.is_nil()) {
    out.append(R"(,"record":)").append(json::quote(record.text()));
  }
  out.append(R"(,"reason":)").append(json::quote(refusal.reason));
  out.append(R"(,"retry_helps":)").append(refusal.retry_helps ? "true" : "false");
  if (refusal.retry_after_ms > 0) {
    out.append(R"(,"retry_after_ms":)").append(std::to_string(refusal.retry_after_ms));
  }
  if (refusal.pending) {
    out.append(R"(,"approval":)").append(approval_of(*refusal.pending));
  }
  out += '}';
  return out;
}

// A task-augmented call of the legacy era waits for a task; a tool result would not parse there.
bool wants_task(const jsonrpc::Message& request) {
  const json::Value* params = request.params_value();
  return params != nullptr && json::find(*params, {"task"}) != nullptr;
}

// A repeat of an earlier call is not sent again; the reason says what became of that call.
bool is_repeat(const Refusal& refusal) {
  return refusal.code == Code::kConflict && refusal.control == "repeat";
}

std::string_view what_happened(const Refusal& refusal) {
  return is_repeat(refusal) ? " did not send this call again: "
         : refusal.pending  ? " holds this call, it did not happen yet: "
         : refusal.was_done ? " holds back the answer to this call, which was made: "
         : refusal.was_sent
             ? " ended this call without an answer; whether it took effect is unknown: "
             : " refused this call, it did not happen: ";
}

// A stop ends by a person's word; every other refusal that a retry does not help stays.
std::string_view what_now(const Refusal& refusal) {
  if (is_repeat(refusal)) {
    return "To make it anew, call without repeat-of.";
  }
  if (refusal.was_done) {
    return "The server has carried it out or refused it itself: look before you repeat it.";
  }
  if (refusal.was_sent) {
    return "Look whether it took effect before you repeat it.";
  }
  return refusal.code == Code::kStopped
             ? "It is refused until then, and may be made again after it."
             : "The same call will be refused again: do not retry it as it is.";
}

}  // namespace

int rpc_code(Code code, Era era) {
  if (era == Era::kLegacy) {
    switch (code) {
      case Code::kHeaderMismatch:
        return jsonrpc::error_row(Code::kInvalidRequest).rpc_code;
      case Code::kMissingCapability:
      case Code::kUnsupportedVersion:
        return jsonrpc::error_row(Code::kInvalidParams).rpc_code;
      default:
        break;
    }
  }
  return jsonrpc::error_row(code).rpc_code;
}

std::string refusal_text(const Refusal& refusal, const Uuid& record) {
  std::string out = std::string(kTool).append(what_happened(refusal));
  out.append(refusal.reason.empty() ? jsonrpc::error_row(refusal.code).title
                                    : std::string_view(refusal.reason));
  out.append(" (code ").append(code_name(refusal.code));
  if (!refusal.rule.empty()) {
    out.append(", rule ").append(refusal.rule);
  }
  if (!record.is_nil()) {
    out.append(", record ").append(record.text());
  }
  out.append("). ");
  if (refusal.was_done || refusal.was_sent || !refusal.retry_helps) {
    return out.append(what_now(refusal));
  }
  if (refusal.pending) {
    return out.append("Its approval is good for exactly these arguments.");
  }
  if (refusal.retry_after_ms > 0) {
    return out.append("It may be retried after ")
        .append(std::to_string(refusal.retry_after_ms))
        .append(" ms.");
  }
  return out.append("It may be retried.");
}

std::string refusal_result(Era era, const Refusal& refusal, const Uuid& record,
                           std::string_view proof, std::string_view token) {
  std::string out = "{";
  if (era == Era::kModern) {
    out.append(R"("resultType":"complete",)");
  }
  out.append(R"("content":[{"type":"text","text":)");
  out.append(json::quote(refusal_text(refusal, record)));
  // What waits for people did not fail: a model that reads an error gives up, or tries another way.
  if (refusal.pending) {
    out.append(R"(}],"isError":false,"_meta":{)").append(json::quote(names::kMetaApproval));
    out.append(":").append(approval_of(*refusal.pending)).append("}}");
  } else {
    out.append(R"(}],"isError":true,"_meta":{)").append(json::quote(names::kMetaRefusal));
    out.append(":").append(details(refusal, record)).append("}}");
  }
  return record.is_nil() ? out : with_record(out, false, record, proof, token);
}

std::string refusal_error(Era era, const Refusal& refusal, const Uuid& record,
                          std::string_view proof, std::string_view token) {
  const std::string_view title = jsonrpc::error_row(refusal.code).title;
  std::string message(title);
  if (!refusal.reason.empty()) {
    message.append(": ").append(refusal.reason);
  }
  std::string out =
      jsonrpc::error_object(rpc_code(refusal.code, era), message, details(refusal, record));
  return record.is_nil() ? out : with_record(out, true, record, proof, token);
}

std::string refusal_response(const jsonrpc::Message& request, Era era, const Refusal& refusal,
                             const Uuid& record, std::string_view proof, std::string_view token) {
  const bool as_result = request.method == "tools/call" &&
                         jsonrpc::error_row(refusal.code).governance &&
                         !(era == Era::kLegacy && wants_task(request));
  if (as_result) {
    return jsonrpc::response(request.id_text, refusal_result(era, refusal, record, proof, token));
  }
  return jsonrpc::error_response(request.id_text,
                                 refusal_error(era, refusal, record, proof, token));
}

jsonrpc::Fault modern_client_legacy_server(const std::string& server,
                                           const std::vector<std::string>& spoken,
                                           std::string_view requested) {
  jsonrpc::Fault fault = unsupported_version(spoken, requested);
  fault.message.append(": ").append(server).append(" speaks ").append(listed(spoken));
  fault.message.append("; expected a client of one of these, which begins with initialize");
  return fault;
}

jsonrpc::Fault legacy_client_modern_server(const std::string& server,
                                           const std::vector<std::string>& spoken,
                                           std::string_view requested) {
  jsonrpc::Fault fault = unsupported_version(spoken, requested);
  fault.message.append(": ").append(server).append(" speaks ").append(listed(spoken));
  fault.message.append("; expected a client of one of these, which sends no initialize");
  fault.http_status = 200;  // a legacy client shows the body of no other status
  return fault;
}

jsonrpc::Fault unknown_method(std::string_view method, std::string_view revision) {
  const bool modern = era_of(revision) == Era::kModern;
  return jsonrpc::Fault{
      Code::kUnknownMethod,
      std::string("Unknown method '").append(method).append("' in revision ").append(revision), "",
      modern ? 404 : 200};
}

std::string fault_response(std::string_view id_text, const jsonrpc::Fault& fault, Era era) {
  const std::string plain = R"({"code":)" + json::quote(code_name(fault.code)) + "}";
  const std::string& data = fault.data.empty() ? plain : fault.data;
  return jsonrpc::error_response(
      id_text, jsonrpc::error_object(rpc_code(fault.code, era), fault.message, data));
}

std::string fault_response(std::string_view id_text, const Error& error, Era era) {
  return fault_response(id_text, jsonrpc::Fault{error.code, error.message, "", 200}, era);
}

}  // namespace pawl::mcp
