// JSON Schemas of rules and of servers. Input: a schema's JSON text, then an instance's.
#include "foundation/schema/schema.h"

#include "fuzz/support/fuzz.h"

namespace pawl::schema {
namespace {

Verdict of(const json::Value& schema, const json::Value& value) {
  return Schema::compile_foreign(schema)->validate(value).verdict;
}

// What holds for every schema whose references do not point into what wraps it.
void check_combinations(const json::Value& schema, const json::Value& value, Verdict verdict) {
  const Verdict negated = of(json::Object{{"not", schema}}, value);
  FUZZ_CHECK(negated == (verdict == Verdict::kValid     ? Verdict::kInvalid
                         : verdict == Verdict::kInvalid ? Verdict::kValid
                                                        : Verdict::kIndeterminate),
             "`not` turns a decision around, and decides nothing new");
  FUZZ_CHECK(of(json::Object{{"allOf", json::Array{schema, true}}}, value) == verdict, "and true");
  FUZZ_CHECK(of(json::Object{{"anyOf", json::Array{schema, false}}}, value) == verdict, "or false");
  FUZZ_CHECK(of(json::Object{{"oneOf", json::Array{schema, false}}}, value) == verdict, "one");
  FUZZ_CHECK(of(json::Object{{"if", schema}, {"then", true}, {"else", false}}, value) == verdict,
             "if so then so");
}

}  // namespace
}  // namespace pawl::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::schema;
  const auto [schema_text, value_text] = fuzz::parts<2>(fuzz::view(data, size));
  const json::Limits limits{.max_bytes = 4096, .max_depth = 24};
  const Result<json::Parsed> schema = json::parse(schema_text, limits);
  if (!schema) {
    return 0;
  }
  const Result<json::Parsed> parsed = json::parse(value_text, limits);
  const json::Value value = parsed ? parsed->value : json::Value();
  const auto foreign = Schema::compile_foreign(schema->value);
  const Report report = foreign->validate(value);
  FUZZ_CHECK((report.verdict == Verdict::kValid) == report.keyword.empty() ||
                 report.verdict == Verdict::kIndeterminate,
             "what is invalid names its keyword");
  FUZZ_CHECK(foreign->problems().size() <= 16, "problems are bounded");
  const auto strict = Schema::compile(schema->value);
  if (strict) {
    FUZZ_CHECK((*strict)->validate(value).verdict == report.verdict,
               "a rule's schema decides as a server's does");
  } else {
    FUZZ_CHECK(strict.error().code == Code::kMalformed ||
                   strict.error().code == Code::kUnsupported ||
                   strict.error().code == Code::kTooLarge,
               "a schema is refused with a reason");
  }
  const bool moves = schema_text.find('$') != std::string_view::npos ||
                     schema_text.find("\\u") != std::string_view::npos;
  if (strict && !moves) {
    check_combinations(schema->value, value, report.verdict);
  }
  return 0;
}
