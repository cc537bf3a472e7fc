#include "infrastructure/bridge/subscription.h"

#include <boost/json/array.hpp>
#include <string>

#include "foundation/records/kinds.h"

namespace pawl::bridge {
namespace {

constexpr std::string_view kFilter = "notifications";
constexpr std::string_view kResources = "resourceSubscriptions";

// `message` with only those resources in its filter that the caller may read.
Result<jsonrpc::Message> masked(const Core& core, const Inbound& inbound,
                                const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  const json::Value* filter = params ? json::find(*params, {kFilter}) : nullptr;
  const json::Value* resources = filter ? json::find(*filter, {kResources}) : nullptr;
  if (resources == nullptr) {
    return message;
  }
  if (!resources->is_array()) {
    return fail(Code::kInvalidParams, "resourceSubscriptions must be an array of URIs");
  }
  std::string kept = "[";
  for (const json::Value& uri : resources->get_array()) {
    if (!uri.is_string()) {
      return fail(Code::kInvalidParams, "resourceSubscriptions must be an array of URIs");
    }
    const std::string_view text = uri.get_string();
    if (core.parts.gateway.may_use(inbound.caller, inbound.server, kinds::kResourceRead, text)) {
      kept.append(kept.size() == 1 ? "" : ",").append(json::quote(text));
    }
  }
  const json::Span span = *json::member(message.text, *message.params, kFilter);
  return jsonrpc::decode(json::with_member(message.text, span, kResources, kept += ']'));
}

}  // namespace

Result<jsonrpc::Message> masked_listen(const Core& core, const Inbound& inbound) {
  return masked(core, inbound, inbound.message);
}

Result<jsonrpc::Message> masked_acknowledgement(const Core& core, const Inbound& inbound,
                                                const jsonrpc::Message& notification) {
  return masked(core, inbound, notification);
}

}  // namespace pawl::bridge
