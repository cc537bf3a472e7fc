#include "infrastructure/mcp/request_headers.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "foundation/records/names.h"
#include "infrastructure/mcp/action.h"
#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {
namespace {

using jsonrpc::Fault;
using Refused = std::optional<Fault>;

constexpr double kMaxSafeInteger = 9007199254740991.0;

Fault mismatch(std::string message) {
  return Fault{Code::kHeaderMismatch, "Header mismatch: " + std::move(message), "", 400};
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         http::equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// The decoded value of a header that may stand at most once.
Refused read_one(const http::Headers& headers, std::string_view name, bool may_be_encoded,
                 std::optional<std::string>& out) {
  if (headers.count(name) > 1) {
    return mismatch(std::string(name) + " stands more than once");
  }
  const std::optional<std::string_view> raw = headers.get(name);
  if (!raw) {
    return std::nullopt;
  }
  Result<std::string> decoded = decode_header_value(*raw);
  if (!decoded) {
    return mismatch(std::string(name) + ": " + decoded.error().message);
  }
  out = may_be_encoded ? std::move(*decoded) : std::string(*raw);
  return std::nullopt;
}

// `value` at the annotated path of the call's arguments; nullptr: no value there, or null.
const json::Value* value_at(const json::Value* arguments, const std::vector<std::string>& path) {
  const json::Value* value = arguments;
  for (const std::string& key : path) {
    value = value == nullptr ? nullptr : json::find(*value, {key});
  }
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<double> as_number(const json::Value& value) {
  if (value.is_int64()) {
    return static_cast<double>(value.get_int64());
  }
  if (value.is_uint64()) {
    return static_cast<double>(value.get_uint64());
  }
  return value.is_double() ? std::optional(value.get_double()) : std::nullopt;
}

std::optional<double> as_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

bool is_safe_integer(double number) {
  return std::trunc(number) == number && std::fabs(number) <= kMaxSafeInteger;
}

// The text a mirrored value has; nullopt for what cannot be mirrored.
std::optional<std::string> mirrored(const json::Value& value) {
  if (value.is_string()) {
    return std::string(value.get_string());
  }
  if (value.is_bool()) {
    return value.get_bool() ? "true" : "false";
  }
  const std::optional<double> number = as_number(value);
  if (number && is_safe_integer(*number)) {
    return std::to_string(static_cast<std::int64_t>(*number));
  }
  return std::nullopt;
}

Refused check_param(const http::Headers& headers, const json::Value* arguments,
                    const ParamHeader& param) {
  const std::string name = std::string(names::kFieldMcpParamPrefix) + param.name;
  std::optional<std::string> header;
  if (Refused refused = read_one(headers, name, true, header)) {
    return refused;
  }
  const json::Value* value = value_at(arguments, param.path);
  const std::optional<std::string> expected = value ? mirrored(*value) : std::nullopt;
  if (!expected) {
    return header ? Refused(mismatch(name + " has no value in the body it could mirror"))
                  : std::nullopt;
  }
  if (!header) {
    return mismatch(name + " is missing");
  }
  const std::optional<double> number = as_number(*value);
  const bool equal = number ? as_number(*header) == number : *header == *expected;
  return equal ? std::nullopt : Refused(mismatch(name + " does not match the body"));
}

Refused check_name(const http::Headers& headers, const jsonrpc::Message& message,
                   const MethodInfo& info) {
  std::optional<std::string> header;
  if (Refused refused = read_one(headers, names::kFieldMcpName, true, header)) {
    return refused;
  }
  if (!info.mirrored_name) {
    return std::nullopt;  // nothing in the body it could disagree with, and it is not passed on
  }
  const Result<std::optional<std::string>> name = named(message, info);
  if (!name) {
    return Fault{name.error().code, name.error().message, "", 200};
  }
  if (!header) {
    return mismatch("Mcp-Name is missing");
  }
  return *header == **name ? std::nullopt : Refused(mismatch("Mcp-Name does not match the body"));
}

// The revision leaves the headers of notifications open: those that are there are checked.
bool is_request(const jsonrpc::Message& message) {
  return message.kind == jsonrpc::Kind::kRequest;
}

Refused check_version(const http::Headers& headers, const jsonrpc::Message& message) {
  std::optional<std::string> header;
  if (Refused refused = read_one(headers, names::kFieldMcpVersion, false, header)) {
    return refused;
  }
  if (!header) {
    return is_request(message) ? Refused(mismatch("MCP-Protocol-Version is missing"))
                               : std::nullopt;
  }
  const auto in_body = meta_string(message.params_value(), kMetaProtocolVersion);
  if (in_body && *in_body != *header) {
    return mismatch("MCP-Protocol-Version does not match _meta");
  }
  return std::nullopt;
}

Refused check_method(const http::Headers& headers, const jsonrpc::Message& message) {
  std::optional<std::string> header;
  if (Refused refused = read_one(headers, names::kFieldMcpMethod, false, header)) {
    return refused;
  }
  if (!header) {
    return is_request(message) ? Refused(mismatch("Mcp-Method is missing")) : std::nullopt;
  }
  return *header == message.method ? std::nullopt
                                   : Refused(mismatch("Mcp-Method does not match the body"));
}

// A legacy revision is offered through initialize only, never in a request's own metadata.
bool may_be_used(std::string_view version, const std::vector<std::string>& supported) {
  return era_of(version) == Era::kModern &&
         std::find(supported.begin(), supported.end(), version) != supported.end();
}

const json::Value* arguments_of(const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  return params == nullptr ? nullptr : json::find(*params, {"arguments"});
}

}  // namespace

Era era_of_request(const http::Headers& headers, const jsonrpc::Message& message) {
  if (message.method == "initialize") {
    return Era::kLegacy;
  }
  if (meta_value(message.params_value(), kMetaProtocolVersion) != nullptr ||
      message.method == "server/discover" || message.method == "subscriptions/listen") {
    return Era::kModern;
  }
  const auto version = headers.get(names::kFieldMcpVersion);
  if (version) {
    // An unknown revision is answered as the modern era does: with the list of those spoken.
    return era_of(*version).value_or(headers.has(names::kFieldMcpSession) ? Era::kLegacy
                                                                          : Era::kModern);
  }
  return headers.has(names::kFieldMcpMethod) && !headers.has(names::kFieldMcpSession)
             ? Era::kModern
             : Era::kLegacy;
}

std::optional<Fault> check_request_meta(const jsonrpc::Message& message,
                                        const std::vector<std::string>& supported) {
  if (!is_request(message)) {
    return std::nullopt;
  }
  const json::Value* params = message.params_value();
  const auto version = meta_string(params, kMetaProtocolVersion);
  const json::Value* capabilities = meta_value(params, kMetaClientCapabilities);
  if (!version) {
    return Fault{Code::kInvalidParams,
                 "_meta must hold the string " + std::string(kMetaProtocolVersion), "", 400};
  }
  if (!may_be_used(*version, supported)) {
    return unsupported_version(supported, *version);
  }
  if (capabilities == nullptr || !capabilities->is_object()) {
    return Fault{Code::kInvalidParams,
                 "_meta must hold the object " + std::string(kMetaClientCapabilities), "", 400};
  }
  return std::nullopt;
}

std::optional<Fault> check_request_headers(const http::Headers& headers,
                                           const jsonrpc::Message& message, const MethodInfo* info,
                                           const std::vector<std::string>& supported,
                                           const std::vector<ParamHeader>* params) {
  if (Refused refused = check_version(headers, message)) {
    return refused;
  }
  const std::optional<std::string_view> version = headers.get(names::kFieldMcpVersion);
  if (version && !may_be_used(*version, supported)) {
    return unsupported_version(supported, *version);
  }
  if (Refused refused = check_method(headers, message)) {
    return refused;
  }
  if (Refused refused = check_request_meta(message, supported)) {
    return refused;
  }
  if (info == nullptr || !is_request(message)) {
    return std::nullopt;
  }
  if (Refused refused = check_name(headers, message, *info)) {
    return refused;
  }
  if (params != nullptr && info->method == "tools/call") {
    for (const ParamHeader& param : *params) {
      if (Refused refused = check_param(headers, arguments_of(message), param)) {
        return refused;
      }
    }
  }
  return std::nullopt;
}

Fault unsupported_version(const std::vector<std::string>& supported, std::string_view requested) {
  std::string data = R"({"supported":[)";
  for (std::size_t i = 0; i < supported.size(); ++i) {
    data.append(i == 0 ? "" : ",").append(json::quote(supported[i]));
  }
  data.append(R"(],"requested":)").append(json::quote(requested)) += '}';
  return Fault{Code::kUnsupportedVersion, "Unsupported protocol version", std::move(data), 400};
}

http::Headers upstream_headers(const jsonrpc::Message& message, const MethodInfo& info,
                               std::string_view revision, const std::vector<ParamHeader>* params,
                               const http::Headers* client) {
  http::Headers out;
  if (client != nullptr) {
    for (const http::Field& field : *client) {
      if (starts_with_ignoring_case(field.name, names::kFieldMcpParamPrefix) &&
          decode_header_value(field.value)) {
        out.add(field.name, field.value);
      }
    }
  }
  if (params != nullptr) {
    for (const ParamHeader& param : *params) {
      const std::string name = std::string(names::kFieldMcpParamPrefix) + param.name;
      out.remove(name);
      const json::Value* value = value_at(arguments_of(message), param.path);
      if (const auto text = value ? mirrored(*value) : std::nullopt) {
        out.set(name, encode_header_value(*text));
      }
    }
  }
  out.set(names::kFieldMcpVersion, revision);
  out.set(names::kFieldMcpMethod, info.method);
  const Result<std::optional<std::string>> name = named(message, info);
  if (info.mirrored_name && name && *name) {
    out.set(names::kFieldMcpName, encode_header_value(**name));
  }
  return out;
}

}  // namespace pawl::mcp
