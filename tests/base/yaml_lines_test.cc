#include "base/yaml_lines.h"

#include <gtest/gtest.h>

#include <string>

namespace pawl {
namespace {

TEST(YamlLines, ATextEndsOnItsLineOrIsABlock) {
  struct Case {
    const char* line;  // the text begins at column 3
    const char* value;
    bool ends;
  };
  const Case cases[] = {
      {"a: b", "b", true},
      {"a: \"b\"  # c", "b", true},
      {"a: \"b \\\" c\"", "b \" c", true},
      {"a: \"b \\\" c", "b \" c d", false},
      {"a: 'it''s'", "it's", true},
      {"a: 'it''s", "it's d", false},
      {"a: b", "b c", false},
      {"a: |", "b\nc\n", true},
      {"a: >-", "b c", true},
      {"a: ", "", true},
      {"a: b", "", true},
  };
  for (const Case& one : cases) {
    const std::string text = std::string("first\n") + one.line + "\nc: d\"\n";
    EXPECT_EQ(YamlLines(text).ends_on_its_line(1, 3, one.value), one.ends) << one.line;
  }
  EXPECT_FALSE(YamlLines("a").ends_on_its_line(9, 0, "a"));
}

}  // namespace
}  // namespace pawl
