#include "infrastructure/upstream/exchange_ids.h"

#include <array>
#include <charconv>

#include "foundation/records/names.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/own_keys.h"

namespace pawl::mcp {
namespace {

constexpr std::string_view kProgress = "notifications/progress";

// Envelope and params apart: what the arguments of a tool hold is its own.
std::string honest_text(const jsonrpc::Message& request) {
  const std::string params =
      without_forged_keys(std::string(request.params_text()),
                          request.method == "tools/call" ? kArguments : std::string_view());
  const std::string envelope =
      without_forged_keys(json::replaced(request.text, *request.params, "{}"));
  return json::replaced(envelope, *json::member(envelope, json::whole(envelope), "params"), params);
}

std::optional<std::int64_t> integer(const json::Value* value) {
  if (value == nullptr || !value->is_int64()) {
    return std::nullopt;
  }
  return value->get_int64();
}

void shift(std::optional<json::Span>& span, std::size_t after, std::ptrdiff_t by) {
  if (span && span->begin >= after) {
    span->begin += static_cast<std::size_t>(by);
    span->end += static_cast<std::size_t>(by);
  }
}

}  // namespace

ExchangeIds ids_of(const jsonrpc::Message& request, std::int64_t id) {
  ExchangeIds ids;
  ids.id = id;
  ids.client_id = request.id_text;
  ids.listens = request.method == "subscriptions/listen";
  if (request.params) {
    if (meta_value(request.params_value(), kMetaProgressToken) != nullptr) {
      ids.progress_token = *meta_text(request.text, *request.params, kMetaProgressToken);
    }
    if (const auto task = json::find_string(*request.params_value(), {"taskId"})) {
      ids.task = *task;
    }
  }
  return ids;
}

std::string outgoing(const jsonrpc::Message& request, const ExchangeIds& ids,
                     std::string_view idempotency_key, std::string_view traceparent) {
  const std::string number = std::to_string(ids.id);
  if (!request.params) {
    return jsonrpc::with_id(request, number);
  }
  std::array<MetaMember, 3> members;
  std::size_t count = 0;
  if (!ids.progress_token.empty()) {
    members[count++] = {kMetaProgressToken, number};
  }
  if (!idempotency_key.empty()) {
    members[count++] = {names::kMetaRecord, idempotency_key, MetaMember::Form::kText};
  }
  if (!traceparent.empty()) {
    members[count++] = {names::kFieldTraceparent, traceparent, MetaMember::Form::kText};
  }
  std::string honest;  // where the client wrote keys of ours
  std::string_view text = request.text;
  std::optional<json::Span> id = request.id;
  std::optional<json::Span> params = request.params;
  if (may_hold_own_keys(text)) {
    honest = honest_text(request);
    text = honest;
    json::members(text, json::whole(text), {"id", "params"}, {&id, &params});
  }
  return spliced(text, {*id, number}, meta_splice(text, *params, {members.data(), count}));
}

std::string single_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') {
      c = ' ';
    }
  }
  return text;
}

std::optional<std::int64_t> number_of(std::string_view id_text) {
  std::int64_t number = 0;
  const auto [end, problem] =
      std::from_chars(id_text.data(), id_text.data() + id_text.size(), number);
  if (problem != std::errc() || end != id_text.data() + id_text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> named_exchange(const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  if (params == nullptr) {
    return std::nullopt;
  }
  return message.method == kProgress ? integer(json::find(*params, {kMetaProgressToken}))
                                     : integer(meta_value(params, kMetaSubscription));
}

std::optional<std::string> related_task(const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  if (params == nullptr) {
    return std::nullopt;
  }
  const auto task = json::find_string(*params, {kMeta, kMetaRelatedTask, "taskId"});
  return task ? std::optional<std::string>(*task) : std::nullopt;
}

jsonrpc::Message restored_response(jsonrpc::Message response, const ExchangeIds& ids) {
  if (response.id) {
    const json::Span old = *response.id;
    const auto by =
        static_cast<std::ptrdiff_t>(ids.client_id.size()) - static_cast<std::ptrdiff_t>(old.size());
    response.text.replace(old.begin, old.size(), ids.client_id);
    response.id = json::Span{old.begin, old.begin + ids.client_id.size()};
    response.id_text = ids.client_id;
    shift(response.result, old.end, by);
    shift(response.error, old.end, by);
  }
  if (ids.listens && response.result &&
      meta_value(response.result_value(), kMetaSubscription) != nullptr) {
    Result<jsonrpc::Message> anew = jsonrpc::decode(
        with_meta(response.text, *response.result, kMetaSubscription, ids.client_id));
    return anew ? std::move(*anew) : std::move(response);
  }
  return response;
}

std::optional<jsonrpc::Message> restored_notification(jsonrpc::Message message,
                                                      const ExchangeIds& ids) {
  std::string text;
  if (message.method == kProgress) {
    if (ids.progress_token.empty()) {
      return std::nullopt;
    }
    text = json::with_member(message.text, *message.params, kMetaProgressToken, ids.progress_token);
  } else if (ids.listens) {
    text = with_meta(message.text, *message.params, kMetaSubscription, ids.client_id);
  } else {
    return std::nullopt;
  }
  Result<jsonrpc::Message> anew = jsonrpc::decode(std::move(text));
  return anew ? std::optional(std::move(*anew)) : std::nullopt;
}

}  // namespace pawl::mcp
