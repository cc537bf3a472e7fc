#include "infrastructure/mcp/action.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/own_keys.h"

namespace pawl::mcp {
namespace {

constexpr std::size_t kMaxParents = 256;
constexpr std::size_t kMaxPolicyTokens = 11;  // one, and ten delegations

tl::unexpected<Error> invalid(std::string_view method, std::string_view what) {
  return fail(Code::kInvalidParams, std::string(method).append(": ").append(what));
}

struct Place {
  std::string member;                // "name", "uri", "taskId"
  std::optional<json::Span> holder;  // params or params.ref
  const json::Value* value = nullptr;
};

// Where the name of this message stands; nullopt for a method without one.
Result<std::optional<Place>> place_of(const jsonrpc::Message& message, const MethodInfo& info) {
  if (info.name == NamePlace::kNone) {
    return std::nullopt;
  }
  Place place;
  const json::Value* holder = message.params_value();
  place.holder = message.params;
  if (holder == nullptr) {
    return invalid(info.method, "params are missing");
  }
  if (info.name == NamePlace::kRef) {
    const std::optional<std::string_view> type = json::find_string(*holder, {"ref", "type"});
    if (type != "ref/prompt" && type != "ref/resource") {
      return invalid(info.method, R"(params.ref.type must be "ref/prompt" or "ref/resource")");
    }
    place.member = type == "ref/prompt" ? "name" : "uri";
    place.holder = json::member(message.text, *message.params, "ref");
    holder = json::find(*holder, {"ref"});
  } else if (info.name == NamePlace::kTaskId) {
    place.member = "taskId";
  } else {
    place.member = info.name == NamePlace::kParamsName ? "name" : "uri";
  }
  place.value = json::find(*holder, {place.member});
  if (place.value == nullptr || !place.value->is_string() || place.value->get_string().empty()) {
    return invalid(info.method, place.member + " must be a string that is not empty");
  }
  return place;
}

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// W3C Trace Context, section 3.2; an invalid one is ignored, as it says.
bool is_traceparent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return false;
  }
  const std::string_view version = text.substr(0, 2), trace = text.substr(3, 32),
                         parent = text.substr(36, 16), flags = text.substr(53, 2);
  if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) ||
      !is_lower_hex(flags) || version == "ff" || (version == "00" && text.size() != 55)) {
    return false;
  }
  return trace.find_first_not_of('0') != std::string_view::npos &&
         parent.find_first_not_of('0') != std::string_view::npos;
}

Result<std::vector<std::string>> parents_of(const jsonrpc::Message& message) {
  std::vector<std::string> out;
  const json::Value* params = message.params_value();
  const json::Value* in_meta = meta_value(params, names::kMetaParents);
  const json::Value* in_body = params ? json::find(*params, {names::kBodyEct}) : nullptr;
  if (in_meta != nullptr && in_body != nullptr) {
    return invalid(message.method, "parent tokens stand both in _meta and in the body");
  }
  const json::Value* list = in_meta != nullptr ? in_meta : in_body;
  if (list == nullptr) {
    return out;
  }
  if (!list->is_array() || list->get_array().size() > kMaxParents) {
    return invalid(message.method, "parent tokens must be an array of at most 256 strings");
  }
  for (const json::Value& token : list->get_array()) {
    if (!token.is_string()) {
      return invalid(message.method, "parent tokens must be strings");
    }
    out.emplace_back(token.get_string());
  }
  return out;
}

// One token, or the chain with the issuer's first. What each of them is, the gateway finds out.
Result<std::vector<std::string>> policy_of(const jsonrpc::Message& message) {
  std::vector<std::string> out;
  const json::Value* policy = meta_value(message.params_value(), names::kMetaPolicy);
  if (policy == nullptr) {
    return out;
  }
  if (policy->is_string()) {
    out.emplace_back(policy->get_string());
    return out;
  }
  const json::Array* list = policy->if_array();
  const bool has_good_size = list != nullptr && !list->empty() && list->size() <= kMaxPolicyTokens;
  if (!has_good_size || !std::all_of(list->begin(), list->end(),
                                     [](const json::Value& token) { return token.is_string(); })) {
    return invalid(message.method, std::string(names::kMetaPolicy) +
                                       " must be a policy token, or a list of 1 to 11");
  }
  for (const json::Value& token : *list) {
    out.emplace_back(token.get_string());
  }
  return out;
}

// What the rules read, and which of its numbers a double changes.
Status take_arguments(const jsonrpc::Message& message, const MethodInfo& info, Action& action) {
  const json::Value* params = message.params_value();
  if (params == nullptr) {
    return {};
  }
  if (info.verb == kinds::kToolCall) {
    const json::Value* arguments = json::find(*params, {"arguments"});
    if (arguments == nullptr) {
      return {};
    }
    if (!arguments->is_object()) {
      return invalid(info.method, "arguments must be an object");
    }
    action.arguments = std::shared_ptr<const json::Value>(message.value, arguments);
  } else {
    json::Object rest(params->get_object(), {});  // a copy of its own, not in the message's block
    rest.erase(kMeta);
    action.arguments = std::make_shared<const json::Value>(std::move(rest));
  }
  if (message.lossy_numbers.empty()) {
    return {};
  }
  // The message keeps only its first few: one in front of the arguments could hide those within.
  const std::string_view governed =
      info.verb == kinds::kToolCall
          ? json::member(message.text, *message.params, "arguments")->of(message.text)
          : std::string_view(action.params);
  Result<json::Parsed> parsed = json::parse(governed);
  if (!parsed) {
    return fail(parsed.error());
  }
  action.lossy_numbers = std::move(parsed->lossy_numbers);
  return {};
}

void take_client_info(const json::Value* params, Caller& caller) {
  const json::Value* info = meta_value(params, kMetaClientInfo);
  if (info == nullptr) {
    return;
  }
  for (std::string_view key : {"name", "version"}) {
    if (const auto text = json::find_string(*info, {key})) {
      caller.asserted[std::string("clientInfo.").append(key)] = std::string(*text);
    }
  }
}

Status take_name(const jsonrpc::Message& message, const MethodInfo& info, Decoded& out) {
  const Result<std::optional<Place>> place = place_of(message, info);
  if (!place) {
    return fail(place.error());
  }
  if (!*place) {
    return {};
  }
  std::string name((*place)->value->get_string());
  if (info.name == NamePlace::kTaskId) {
    out.task = std::move(name);
  } else if ((*place)->member == "uri") {
    out.action.resource = std::move(name);
  } else {
    out.action.tool = std::move(name);
  }
  return {};
}

Status take_causes(const jsonrpc::Message& message, Decoded& out) {
  Result<std::vector<std::string>> parents = parents_of(message);
  if (!parents) {
    return fail(parents.error());
  }
  out.parents = std::move(*parents);
  Result<std::vector<std::string>> policy = policy_of(message);
  if (!policy) {
    return fail(policy.error());
  }
  out.policy = std::move(*policy);
  const json::Value* params = message.params_value();
  const auto trace = meta_string(params, names::kFieldTraceparent);
  if (trace && is_traceparent(*trace)) {
    out.action.traceparent = *trace;
  }
  if (meta_value(params, names::kMetaIdempotency) != nullptr) {
    const auto text = meta_string(params, names::kMetaIdempotency);
    const Result<Uuid> id = Uuid::parse(text.value_or(""));
    if (!id) {
      return invalid(message.method, std::string(names::kMetaIdempotency) + " must be a UUID");
    }
    out.repeat_of = *id;
  }
  return {};
}

// inp_hash is of what goes out, and that holds no key of ours from another.
std::string forwarded(std::string params, const MethodInfo& info, Direction direction) {
  if (direction == Direction::kToClient) {
    return without_own_keys(std::move(params));
  }
  return without_forged_keys(std::move(params),
                             info.verb == kinds::kToolCall ? kArguments : std::string_view());
}

}  // namespace

Result<Decoded> make_action(const jsonrpc::Message& message, const MethodInfo& info,
                            ActionContext context) {
  Decoded out;
  Action& action = out.action;
  action.id = context.id;
  action.verb = info.verb;
  action.method = info.method;
  action.protocol = protocol_name(context.revision);
  action.direction = context.direction;
  action.caller = std::move(context.caller);
  action.server = std::move(context.server);
  action.session = std::move(context.session);
  action.request_id = message.id_text;
  action.received = context.received;
  action.received_boot = context.received_boot;
  action.read_only = !info.changes;
  if (context.direction == Direction::kToServer) {
    take_client_info(message.params_value(), action.caller);
  }
  if (message.params) {
    action.params = forwarded(json::without_member(message.text, *message.params, kMeta), info,
                              context.direction);
  }
  Status taken = take_name(message, info, out);
  if (taken) {
    taken = take_arguments(message, info, action);
  }
  if (taken) {
    taken = take_causes(message, out);
  }
  if (!taken) {
    return fail(taken.error());
  }
  return out;
}

Result<Decoded> make_embedded_action(std::string_view text, const MethodInfo& info,
                                     const ActionContext& context) {
  Result<json::SharedParsed> parsed = json::parse_shared(text);
  if (!parsed) {
    return fail(parsed.error());
  }
  if (!parsed->value->is_object()) {
    return invalid(info.method, "an input request must be an object");
  }
  jsonrpc::Message message;
  message.kind = jsonrpc::Kind::kRequest;
  message.text = std::string(text);
  message.lossy_numbers = std::move(parsed->lossy_numbers);
  message.put_value(std::move(parsed->value));
  message.method = json::find_string(*message.value, {"method"}).value_or("");
  if (message.method != info.method) {
    return invalid(info.method, "an input request names another method");
  }
  if (const json::Value* params = message.params_value()) {
    if (!params->is_object()) {
      return invalid(info.method, "params must be an object");
    }
    message.params = json::member(message.text, json::whole(message.text), "params");
  }
  return make_action(message, info, context);
}

Result<std::optional<std::string>> named(const jsonrpc::Message& message, const MethodInfo& info) {
  const Result<std::optional<Place>> place = place_of(message, info);
  if (!place) {
    return fail(place.error());
  }
  if (!*place) {
    return std::nullopt;
  }
  return std::string((*place)->value->get_string());
}

Result<jsonrpc::Message> with_name(const jsonrpc::Message& message, const MethodInfo& info,
                                   std::string_view name) {
  const Result<std::optional<Place>> place = place_of(message, info);
  if (!place) {
    return fail(place.error());
  }
  if (!*place) {
    return message;
  }
  return jsonrpc::decode(
      json::with_member(message.text, *(*place)->holder, (*place)->member, json::quote(name)));
}

}  // namespace pawl::mcp
