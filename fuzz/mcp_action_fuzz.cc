// From a message to the Action that rules decide on, and to the headers that mirror it.
// Input: a JSON-RPC message, then header lines "Name: value".
#include "infrastructure/mcp/action.h"

#include <set>

#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"
#include "fuzz/support/fuzz.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/request_headers.h"
#include "infrastructure/mcp/request_state.h"

namespace pawl::mcp {
namespace {

using jsonrpc::Message;

const std::vector<std::string> kSupported = {"2026-07-28", "2025-11-25"};
const std::vector<ParamHeader> kParams = {{"Region", {"region"}}, {"N", {"a", "n"}}};

std::optional<json::Value> parsed(std::string_view text) {
  Result<json::Parsed> result = json::parse(text);
  return result ? std::optional(std::move(result->value)) : std::nullopt;
}

json::Object without_meta(const Message& message) {
  json::Object params = message.params_value()->get_object();
  params.erase(kMeta);
  return params;
}

void check_governed(const Message& message, const MethodInfo& info, const Decoded& decoded) {
  const Action& action = decoded.action;
  FUZZ_CHECK(action.verb == info.verb && action.method == info.method, "the table names the verb");
  FUZZ_CHECK(decoded.parents.size() <= 256, "parents are bounded");
  if (!message.params) {
    FUZZ_CHECK(action.params.empty() && !action.arguments, "no params, nothing governed");
    return;
  }
  const auto params = parsed(action.params);
  FUZZ_CHECK(params && *params == json::Value(without_meta(message)),
             "what is hashed is the params without _meta");
  const json::Value* arguments =
      info.verb == kinds::kToolCall ? json::find(*message.params_value(), {"arguments"}) : &*params;
  FUZZ_CHECK((arguments != nullptr) == (action.arguments != nullptr), "arguments are arguments");
  if (arguments != nullptr) {
    FUZZ_CHECK(*arguments == *action.arguments, "rules read what is forwarded");
  }
  const std::string_view governed =
      info.verb != kinds::kToolCall ? std::string_view(action.params)
      : arguments == nullptr
          ? std::string_view("null")
          : json::member(message.text, *message.params, "arguments")->of(message.text);
  FUZZ_CHECK(json::parse(governed)->lossy_numbers.empty() == action.lossy_numbers.empty(),
             "a number that a double changes is seen, also behind others");
}

// What travels in _meta changes neither the governed bytes nor their digest.
void check_digest_stays(const Message& message, const MethodInfo& info, const Decoded& decoded) {
  if (!message.params) {
    return;
  }
  const Result<Message> other = jsonrpc::decode(
      with_meta(message.text, *message.params, kMetaProgressToken, R"("added here")"));
  FUZZ_CHECK(other, "a message with one more _meta member is a message");
  const Result<Decoded> again = make_action(*other, info, {});
  FUZZ_CHECK(again && sha256(again->action.params) == sha256(decoded.action.params),
             "the digest does not depend on _meta");
}

void check_name(const Message& message, const MethodInfo& info, const Decoded& decoded) {
  const Result<std::optional<std::string>> name = named(message, info);
  FUZZ_CHECK(name && name->has_value() == (info.name != NamePlace::kNone), "a name is found");
  if (!*name) {
    return;
  }
  const Action& action = decoded.action;
  FUZZ_CHECK(action.tool + action.resource + decoded.task == **name, "the name is the body's");
  const Result<Message> other = with_name(message, info, "other/n\"ame");
  FUZZ_CHECK(other && **named(*other, info) == "other/n\"ame", "the name is replaced");
  const Result<Message> back = with_name(*other, info, **name);
  FUZZ_CHECK(back && *back->value == *message.value, "and nothing else");
}

void check_headers(const Message& message, const MethodInfo& info) {
  if (check_request_meta(message, kSupported)) {
    return;
  }
  // Only a tool has annotated parameters, and the bridge looks them up for its calls only.
  const std::vector<ParamHeader>* params = info.method == "tools/call" ? &kParams : nullptr;
  const http::Headers ours = upstream_headers(message, info, kRevision20260728, params, nullptr);
  FUZZ_CHECK(!check_request_headers(ours, message, &info, kSupported, params),
             "headers written from the body confirm it");
  for (const http::Field& field : ours) {
    http::Headers other = ours;
    other.set(field.name, std::string(field.value) + "x");
    FUZZ_CHECK(check_request_headers(other, message, &info, kSupported, params),
               "a header that disagrees is refused");
    other = ours;
    other.add(field.name, field.value);
    FUZZ_CHECK(check_request_headers(other, message, &info, kSupported, params),
               "a header that stands twice is refused");
  }
}

// A client's own headers: taken only when each of them says what the body says.
void check_foreign_headers(const Message& message, const MethodInfo& info, std::string_view lines) {
  http::Headers headers;
  while (!lines.empty() && headers.size() < 20) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      headers.add(line.substr(0, colon), line.substr(colon + 2));
    }
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  era_of_request(headers, message);
  if (check_request_headers(headers, message, &info, kSupported, &kParams)) {
    return;
  }
  FUZZ_CHECK(headers.get("Mcp-Method") == std::string_view(message.method), "the same method");
  if (info.mirrored_name) {
    FUZZ_CHECK(*decode_header_value(*headers.get("Mcp-Name")) == **named(message, info),
               "the same name");
  }
}

void check_state(const Message& message) {
  if (!message.params) {
    return;
  }
  const std::string digest = params_digest(message);
  const std::string with =
      json::with_member(message.text, *message.params, "inputResponses", R"({"a":1})");
  FUZZ_CHECK(params_digest(*jsonrpc::decode(with)) == digest,
             "the answers of a round do not change what the round is of");
  const Result<Message> plain = with_upstream_state(message, std::nullopt);
  FUZZ_CHECK(plain && !*request_state_of(*plain), "our state does not reach the server");
  const Result<Message> other = with_upstream_state(message, "up\"stream");
  FUZZ_CHECK(other && **request_state_of(*other) == "up\"stream", "the server gets its own");
  FUZZ_CHECK(params_digest(*other) == digest && params_digest(*plain) == digest,
             "the state does not change what the round is of");
}

void check_method(const Message& message, const MethodInfo& info) {
  const Result<Decoded> decoded = make_action(message, info, {});
  if (!decoded) {
    FUZZ_CHECK(decoded.error().code == Code::kInvalidParams, "a bad call is the caller's fault");
    return;
  }
  check_governed(message, info, *decoded);
  check_digest_stays(message, info, *decoded);
  check_name(message, info, *decoded);
}

}  // namespace
}  // namespace pawl::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::mcp;
  const auto [text, headers] = fuzz::parts<2>(fuzz::view(data, size));
  const Result<jsonrpc::Message> message = jsonrpc::decode(std::string(text));
  if (!message || message->method.empty()) {
    return 0;
  }
  const Form form = message->kind == jsonrpc::Kind::kRequest ? Form::kRequest : Form::kNotification;
  std::set<const MethodInfo*> seen;
  for (const std::string_view revision : kRevisions) {
    for (const Side side : {Side::kClient, Side::kServer}) {
      const MethodInfo* info = find_method(message->method, revision, side, form);
      if (info != nullptr && seen.insert(info).second) {
        check_method(*message, *info);
      }
    }
  }
  check_state(*message);
  const MethodInfo* modern =
      find_method(message->method, kRevision20260728, Side::kClient, Form::kRequest);
  if (modern != nullptr && form == Form::kRequest && named(*message, *modern)) {
    check_headers(*message, *modern);
    check_foreign_headers(*message, *modern, headers);
  }
  if (const MethodInfo* embedded = find_embedded(message->method)) {
    make_embedded_action(text, *embedded, {});
  }
  return 0;
}
