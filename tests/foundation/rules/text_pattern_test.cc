// TextPattern answers as RE2::FullMatch does, whichever way it takes.
#include "foundation/rules/text_pattern.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pawl::rules {
namespace {

TEST(TextPattern, AgreesWithAFullMatchOfTheExpression) {
  const unsigned seed = 2718;
  std::mt19937 random(seed);
  const std::string parts[] = {".*",      ".*",   "a",    "b",   "[ab]", "[^a]", "a|b", "(a",  ")",
                               "?",       "+",    "*",    "{2}", "\\b",  "^",    "$",   "\\.", "\\",
                               "\\Qa\\E", "(?i)", "(?s)", "\\Q", "{",    "\\C",  "."};
  const std::string letters[] = {"a", "b", "A", ".", "\n", "\xc3\xa4", "\xff", "{", "*", "a", "b"};
  int compiled = 0;
  int matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const bool framed = random() % 2 == 0;
    std::string expression = framed ? ".*" : "";
    for (std::size_t n = 1 + random() % 4; n > 0; --n) {
      expression += parts[random() % std::size(parts)];
    }
    expression += framed ? ".*" : "";
    const RE2 reference(expression, RE2::Quiet);
    const auto pattern = TextPattern::make(expression);
    ASSERT_EQ(pattern.has_value(), reference.ok()) << "seed " << seed << ": " << expression;
    if (!pattern) {
      continue;
    }
    ++compiled;
    for (int j = 0; j < 20; ++j) {
      std::string text;
      for (std::size_t n = random() % 12; n > 0; --n) {
        text += letters[random() % (j % 2 == 0 ? 4 : std::size(letters))];
      }
      const bool expected = RE2::FullMatch(text, reference);
      ASSERT_EQ((*pattern)->matches(text), expected)
          << "seed " << seed << ": '" << expression << "' over '" << text << "'";
      matched += expected ? 1 : 0;
    }
  }
  EXPECT_GT(compiled, 5'000);
  EXPECT_GT(matched, 10'000);
}

TEST(TextPattern, KeepsWhatReachesOutOfTheMiddle) {
  struct {
    const char* expression;
    const char* text;
    bool matches;
  } const cases[] = {
      {".*ref-[0-9]{2}-x.*", "see ref-12-x, please", true},
      {".*ref-[0-9]{2}-x.*", "see ref-1-x, please", false},
      {".*a.*", "b\na", false},
      {".*a.*", "ba\xff", false},
      {".*a|b.*", "cb", false},
      {".*a\\.*", "xa..", true},
      {".*a\\.*", "xa..b", false},
      {".*^a$.*", "a", true},
      {".*^a$.*", "ba", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ((*TextPattern::make(c.expression))->matches(c.text), c.matches)
        << c.expression << " over " << c.text;
  }
}

}  // namespace
}  // namespace pawl::rules
