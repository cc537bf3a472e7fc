// JSON text: the one parse, against the library's own, and the spans against the parse.
#include "base/json.h"

#include <boost/json/parse.hpp>

#include "fuzz/support/fuzz.h"

namespace pawl {
namespace {

constexpr json::Limits kLimits{
    .max_bytes = 64 * 1024, .max_depth = 16, .max_members = 1000, .max_object_members = 200};

json::Value parsed(std::string_view text) {
  Result<json::Parsed> again = json::parse(text);
  FUZZ_CHECK(again, "what was printed or spliced is JSON");
  return again->value;
}

void check_printing(const json::Value& value) {
  const std::string printed = json::print(value);
  const std::string canonical = json::canonical(value);
  const json::Value again = parsed(printed);
  FUZZ_CHECK(json::print(again) == printed, "printing is stable");
  FUZZ_CHECK(json::canonical(again) == canonical, "the canonical form does not depend on the way");
  FUZZ_CHECK(json::canonical(parsed(canonical)) == canonical, "the canonical form is stable");
}

void check_members(std::string_view text, const json::Object& object) {
  const json::Span whole = json::whole(text);
  for (const auto& member : object) {
    const auto span = json::member(text, whole, member.key());
    FUZZ_CHECK(span && span->end <= text.size(), "each member has a span");
    FUZZ_CHECK(parsed(span->of(text)) == member.value(), "a span is the value that was parsed");

    json::Object rest = object;
    rest.erase(member.key());
    const std::string without = json::without_member(text, whole, member.key());
    FUZZ_CHECK(parsed(without) == rest, "one member is taken out, no other");

    const std::string other = json::with_member(text, whole, member.key(), "[7]");
    json::Object changed = object;
    changed[member.key()] = json::Array{7};
    FUZZ_CHECK(parsed(other) == changed, "one member is set, no other");
  }
  if (!object.contains("_meta")) {
    const std::string with = json::with_member(text, whole, "_meta", "{}");
    FUZZ_CHECK(parsed(with).as_object().size() == object.size() + 1, "a member is added");
    FUZZ_CHECK(json::without_member(with, json::whole(with), "_meta") == whole.of(text),
               "added and taken out, the text is as before");
  }
}

void check_spans(std::string_view text, const json::Value& value) {
  if (const json::Object* object = value.if_object()) {
    check_members(text, *object);
  }
  if (const json::Array* array = value.if_array()) {
    const std::vector<json::Span> spans = json::elements(text, json::whole(text));
    FUZZ_CHECK(spans.size() == array->size(), "each element has a span");
    for (std::size_t i = 0; i < spans.size(); ++i) {
      FUZZ_CHECK(parsed(spans[i].of(text)) == (*array)[i], "an element's span is its value");
    }
  }
}

// Boost.JSON alone, without our limits, doubled keys and exact numbers.
bool library_takes(std::string_view text) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = kLimits.max_depth;
  boost::json::parse(text, error, {}, options);
  return !error;
}

void check_refusal(std::string_view text, const Error& error) {
  FUZZ_CHECK(error.code == Code::kMalformed || error.code == Code::kTooLarge,
             "bad text is malformed or too large, never our defect");
  const bool ours =
      error.code == Code::kTooLarge || error.message.find("stands twice") != std::string::npos;
  FUZZ_CHECK(ours || !library_takes(text), "what is JSON is not called malformed");
  // Spans of text that is not JSON stay inside of it.
  const json::Span whole = json::whole(text);
  for (const json::Span& span : json::elements(text, whole)) {
    FUZZ_CHECK(span.begin <= span.end && span.end <= text.size(), "a span stays in its text");
  }
  if (const auto span = json::member(text, whole, "a")) {
    FUZZ_CHECK(span->begin <= span->end && span->end <= text.size(), "a span stays in its text");
  }
  json::without_member(text, whole, "a");
  json::with_member(text, whole, "a", "1");
}

}  // namespace
}  // namespace pawl

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const std::string_view text = fuzz::view(data, size);
  const Result<json::Parsed> result = json::parse(text, kLimits);
  if (!result) {
    check_refusal(text, result.error());
    return 0;
  }
  FUZZ_CHECK(library_takes(text), "two parsers take the same text");
  FUZZ_CHECK(result->lossy_numbers.size() <= 8, "at most eight numbers are listed");
  check_printing(result->value);
  check_spans(text, result->value);
  FUZZ_CHECK(parsed(json::quote(text)).as_string() == text, "a quoted text reads back");
  return 0;
}
