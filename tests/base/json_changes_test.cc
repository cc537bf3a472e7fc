#include "base/json_changes.h"

#include <gtest/gtest.h>

namespace pawl::json {
namespace {

std::string told(std::string_view from, std::string_view to, std::size_t most = 64) {
  const Value before = parse(from)->value, after = parse(to)->value;
  std::string out;
  for (const Change& one : changes(before, after, most)) {
    out += one.pointer + ": " + (one.from != nullptr ? print(*one.from) : "-") + " -> " +
           (one.to != nullptr ? print(*one.to) : "-") + "\n";
  }
  return out;
}

TEST(JsonChanges, EachPlaceThatDiffersIsNamedOnce) {
  const struct {
    std::string_view from, to, expected;
  } rows[] = {
      {R"({"a":1})", R"({"a":1})", ""},
      {R"({"a":1,"b":2})", R"({"b":3,"c":4})", "/a: 1 -> -\n/b: 2 -> 3\n/c: - -> 4\n"},
      {R"({"a":[1,2,3]})", R"({"a":[1,5]})", "/a/1: 2 -> 5\n/a/2: 3 -> -\n"},
      {R"({"a":{"x/y":{"~":1}}})", R"({"a":{"x/y":{"~":2}}})", "/a/x~1y/~0: 1 -> 2\n"},
      {R"({"a":{}})", R"({"a":[]})", "/a: {} -> []\n"},
      {"1", "2", ": 1 -> 2\n"},
      {R"({"n":9007199254740993})", R"({"n":9007199254740992})",
       "/n: 9007199254740993 -> 9007199254740992\n"},
      {R"({"":1})", "{}", "/: 1 -> -\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(told(row.from, row.to), row.expected) << row.from;
  }
}

TEST(JsonChanges, NoMoreThanWereAskedFor) {
  EXPECT_EQ(told(R"([1,2,3])", R"([4,5,6])", 2), "/0: 1 -> 4\n/1: 2 -> 5\n");
  EXPECT_EQ(told(R"([1])", R"([2])", 0), "");
}

}  // namespace
}  // namespace pawl::json
