// JSON-RPC messages: the spans are what was parsed, and a splice changes nothing else.
#include "infrastructure/jsonrpc/message.h"

#include "fuzz/support/fuzz.h"

namespace pawl::jsonrpc {
namespace {

constexpr json::Limits kLimits{
    .max_bytes = 16 * 1024, .max_depth = 32, .max_members = 1000, .max_object_members = 100};

bool is_id(std::string_view text) {
  const Result<json::Parsed> id = json::parse(text);
  return id && (id->value.is_string() || id->value.is_int64() || id->value.is_uint64());
}

void check_span(const Message& message, const std::optional<json::Span>& span,
                const json::Value* value) {
  FUZZ_CHECK(span.has_value() == (value != nullptr), "a member has a span, an absent one none");
  if (span) {
    FUZZ_CHECK(json::parse(span->of(message.text))->value == *value, "a span is its value");
    FUZZ_CHECK(value->is_object(), "params, result and error are objects");
  }
}

void check_kind(const Message& message) {
  const bool call = message.kind == Kind::kRequest || message.kind == Kind::kNotification;
  FUZZ_CHECK(call == !message.method.empty(), "calls have a method, answers none");
  FUZZ_CHECK(message.id.has_value() == !message.id_text.empty(), "an id has a text");
  FUZZ_CHECK(message.id_text.empty() || is_id(message.id_text), "an id is a string or an integer");
  FUZZ_CHECK(
      (message.kind == Kind::kRequest || message.kind == Kind::kResponse) <= message.id.has_value(),
      "requests and results have an id");
  FUZZ_CHECK(message.kind != Kind::kNotification || !message.id, "a notification has no id");
  check_span(message, message.params, message.params_value());
  check_span(message, message.result, message.result_value());
  check_span(message, message.error, message.error_value());
}

void check_splices(const Message& message) {
  if (message.id) {
    const Result<Message> other = decode(with_id(message, R"("ours \u0007")"));
    FUZZ_CHECK(other && other->id_text == R"("ours \u0007")" && other->kind == message.kind,
               "another id makes the same kind of message");
    FUZZ_CHECK(with_id(*other, message.id_text) == message.text,
               "with its own id again, the message is as before");
  }
  if (!message.method.empty()) {
    const Result<Message> other = decode(with_params(message, R"({"z":[1]})"));
    FUZZ_CHECK(other && other->params_text() == R"({"z":[1]})", "params are replaced");
    FUZZ_CHECK(other->method == message.method && other->id_text == message.id_text,
               "and nothing else");
    const Result<Message> built =
        decode(request(message.id_text, message.method, message.params_text()));
    FUZZ_CHECK(built && built->method == message.method && built->id_text == message.id_text &&
                   built->params_text() == message.params_text(),
               "a message that we build reads back");
  }
}

}  // namespace
}  // namespace pawl::jsonrpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::jsonrpc;
  const std::string text(fuzz::view(data, size));
  const Result<Message> message = decode(text, kLimits);
  if (!message) {
    const Code code = message.error().code;
    FUZZ_CHECK(code == Code::kMalformed || code == Code::kTooLarge || code == Code::kInvalidRequest,
               "a bad message is the sender's fault");
    const std::string id = salvage_id(text, kLimits);
    FUZZ_CHECK(id.empty() || is_id(id), "a salvaged id is an id");
    const std::string answer =
        error_response(id, error_object(-32600, message.error().message, ""));
    FUZZ_CHECK(decode(answer).has_value(), "the answer to a bad message is a message");
    return 0;
  }
  FUZZ_CHECK(message->text == text, "the exact bytes are kept");
  FUZZ_CHECK(*message->value == json::parse(text)->value, "the one parse is the parse");
  check_kind(*message);
  check_splices(*message);
  return 0;
}
