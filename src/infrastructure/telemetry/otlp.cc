#include "infrastructure/telemetry/otlp.h"

#include <charconv>

#include "base/json.h"

namespace pawl::telemetry {
namespace {

constexpr std::string_view kStatusError = "2";  // STATUS_CODE_ERROR

std::string nanoseconds(WallTime time) {
  return "\"" + std::to_string(time.us) + "000\"";
}

std::string print_attributes(const Attributes& attributes) {
  std::string out = "[";
  for (const auto& [key, value] : attributes) {
    out += out.size() > 1 ? "," : "";
    out +=
        R"({"key":)" + json::quote(key) + R"(,"value":{"stringValue":)" + json::quote(value) + "}}";
  }
  return out + "]";
}

}  // namespace

std::string print_span(const Span& span) {
  std::string out =
      R"({"traceId":")" + span.trace_id + R"(","spanId":")" + span_id_text(span.id) + "\"";
  if (!span.parent_id.empty()) {
    out += R"(,"parentSpanId":")" + span.parent_id + "\"";
  }
  out += R"(,"name":)" + json::quote(span.name);
  out += R"(,"kind":)" + std::to_string(static_cast<int>(span.kind));
  out += R"(,"startTimeUnixNano":)" + nanoseconds(span.began);
  out += R"(,"endTimeUnixNano":)" + nanoseconds(span.ended);
  out += R"(,"attributes":)" + print_attributes(span.attributes);
  out += R"(,"status":{)";
  out += span.failed ? R"("code":)" + std::string(kStatusError) : "";
  return out + "}}";
}

std::string print_request(const Attributes& resource, std::string_view version,
                          std::string_view joined_spans) {
  std::string out = R"({"resourceSpans":[{"resource":{"attributes":)";
  out += print_attributes(resource);
  out += R"(},"scopeSpans":[{"scope":{"name":"pawl","version":)" + json::quote(version);
  out += R"(},"spans":[)";
  out += joined_spans;
  return out + "]}]}]}";
}

std::uint64_t rejected_spans(std::string_view response) {
  const Result<json::Parsed> parsed = json::parse(response);
  const json::Value* count =
      parsed ? json::find(parsed->value, {"partialSuccess", "rejectedSpans"}) : nullptr;
  if (count == nullptr) {
    return 0;
  }
  if (count->is_int64()) {  // some receivers print it as a number
    return static_cast<std::uint64_t>(std::max<std::int64_t>(count->get_int64(), 0));
  }
  std::uint64_t out = 0;
  if (count->is_string()) {
    const std::string_view text = count->get_string();
    std::from_chars(text.data(), text.data() + text.size(), out);
  }
  return out;
}

}  // namespace pawl::telemetry
