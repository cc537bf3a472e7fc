// What the obligation `redact` takes out of an answer.
// Input: pointers, a line each; patterns, a line each; the answer.
#include "foundation/rules/redaction.h"

#include <string>
#include <vector>

#include "fuzz/support/fuzz.h"
#include "tests/support/redaction_check.h"

namespace pawl::rules {
namespace {

// A text at a named place, long enough to be looked for elsewhere.
void texts_of(const json::Value& value, std::vector<std::string>& out) {
  if (value.is_string() && value.get_string().size() >= 4) {
    out.emplace_back(value.get_string());
  }
}

bool has_text(const json::Value& value, std::string_view text) {
  if (value.is_object()) {
    return std::any_of(value.get_object().begin(), value.get_object().end(),
                       [&](const auto& one) { return has_text(one.value(), text); });
  }
  if (value.is_array()) {
    return std::any_of(value.get_array().begin(), value.get_array().end(),
                       [&](const auto& one) { return has_text(one, text); });
  }
  return value.is_string() && std::string_view(value.get_string()).find(text) != text.npos;
}

void check(std::string_view body, const Redaction& all) {
  const Result<std::string> out = redacted(body, Answered::kResult, {&all});
  if (!out) {
    FUZZ_CHECK(out.error().code == Code::kUnsupported, "what cannot be redacted is held back");
    return;
  }
  const Result<json::Parsed> before = json::parse(body);
  const Result<json::Parsed> after = json::parse(*out);
  FUZZ_CHECK(before && after, "it parses where the answer did");
  FUZZ_CHECK(!names_more_than_marks(after->value, all), "a pointer names nothing but a mark");
  FUZZ_CHECK(!leaks(after->value, all), "no pattern matches what is left");
  std::vector<std::string> taken;
  for (const Redaction::Pointer& pointer : all.pointers()) {
    std::vector<const json::Value*> places;
    named(before->value, pointer, 0, places);
    for (const json::Value* one : places) {
      texts_of(*one, taken);
    }
  }
  for (const std::string& text : taken) {
    FUZZ_CHECK(std::string(R"("type""text""[redacted]")").find(text) != std::string::npos ||
                   !has_text(after->value, text),
               "what stood at a named place stands nowhere else");
  }
  const Result<std::string> again = redacted(*out, Answered::kResult, {&all});
  FUZZ_CHECK(again && *again == *out, "a second time changes nothing");
}

}  // namespace
}  // namespace pawl::rules

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::rules;
  const auto [pointers, patterns, body] = fuzz::parts<3>(fuzz::view(data, size));
  const auto all = Redaction::make(fuzz::lines(pointers, 8), fuzz::lines(patterns, 8));
  if (!all) {
    FUZZ_CHECK(!all.error().message.empty(), "a refusal says why");
    return 0;
  }
  check(body, **all);
  const bool shown = may_be_shown(body, {all->get()});
  FUZZ_CHECK(!shown || (*all)->pointers().empty(),
             "where something has pointers, nothing is shown");
  for (const Answered answered : {Answered::kError, Answered::kTask}) {
    const Result<std::string> out = redacted(body, answered, {all->get()});
    FUZZ_CHECK(!out || json::parse(*out), "whatever it is, it parses where the answer did");
    FUZZ_CHECK(!out || !leaks(json::parse(*out)->value, **all), "no pattern matches what is left");
  }
  return 0;
}
