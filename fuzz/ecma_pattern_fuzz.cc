// Patterns of JSON Schema on RE2, against the standard library's ECMAScript grammar.
// Input: a pattern, then a text.
#include "foundation/schema/ecma_pattern.h"

#include <algorithm>
#include <regex>

#include "fuzz/support/fuzz.h"

namespace pawl::schema {
namespace {

// The standard library reads bytes and backtracks: only short plain texts are compared, without
// what its grammar has of its own (classes like [:alpha:], and brackets that ECMA-262 reads as
// text), and without \cA, which libstdc++ reads as the letter.
bool comparable(std::string_view pattern, std::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  return pattern.size() <= 24 && text.size() <= 12 &&
         std::all_of(pattern.begin(), pattern.end(), plain) &&
         std::all_of(text.begin(), text.end(), plain) &&
         std::count_if(pattern.begin(), pattern.end(),
                       [](char c) { return c == '*' || c == '+'; }) <= 2 &&
         pattern.find_first_of("[{") == std::string_view::npos &&
         pattern.find("\\b") == std::string_view::npos &&
         pattern.find("\\c") == std::string_view::npos &&
         pattern.find("\\B") == std::string_view::npos;
}

}  // namespace
}  // namespace pawl::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::schema;
  const auto [pattern, text] = fuzz::parts<2>(fuzz::view(data, size));
  compile_re2(pattern);
  const auto ours = compile_ecma(pattern);
  if (!ours) {
    FUZZ_CHECK(ours.error().code == Code::kUnsupported, "a pattern is refused, with a reason");
    return 0;
  }
  FUZZ_CHECK(pattern.size() <= 2048, "a pattern is bounded");
  const re2::StringPiece subject(text.data(), text.size());
  const bool found = RE2::PartialMatch(subject, **ours);
  FUZZ_CHECK(found == RE2::PartialMatch(subject, **ours), "the same text, the same answer");
  if (!comparable(pattern, text)) {
    return 0;
  }
  try {
    const std::regex other(pattern.begin(), pattern.end(), std::regex::ECMAScript);
    FUZZ_CHECK(std::regex_search(text.begin(), text.end(), other) == found,
               "two engines find the same");
  } catch (const std::regex_error&) {
    // Its grammar is narrower in places.
  }
  return 0;
}
