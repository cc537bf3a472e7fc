#include "base/json_depth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/json.h"
#include "tests/support/seeded_random.h"

namespace pawl::json {
namespace {

TEST(JsonDepth, ObjectsAndArraysCountAndTextsDoNot) {
  struct Case {
    const char* text;
    std::size_t depth;
  };
  for (const auto& [text, depth] : {Case{"7", 0},
                                    {R"("[[[[")", 0},
                                    {"{}", 1},
                                    {"[]", 1},
                                    {R"({"a":[{"b":1}]})", 3},
                                    {"[[],[],[[]]]", 3},
                                    {R"({"{{{{":"}\"]["})", 1},
                                    {R"(["\\",["\\\""]])", 2}}) {
    EXPECT_FALSE(nests_deeper_than(text, depth)) << text;
    if (depth > 0) {
      EXPECT_TRUE(nests_deeper_than(text, depth - 1)) << text;
    }
  }
}

std::size_t depth_of(const Value& value) {
  std::size_t deepest = 0;
  if (value.is_array()) {
    for (const Value& item : value.get_array()) {
      deepest = std::max(deepest, depth_of(item));
    }
    return deepest + 1;
  }
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      deepest = std::max(deepest, depth_of(member.value()));
    }
    return deepest + 1;
  }
  return 0;
}

Value any_value(SeededRandom& random, std::size_t levels) {
  static const std::string kCharacters = R"([]{}"\,:a)";
  std::string text;
  for (std::size_t i = random.below(6); i > 0; --i) {
    text += kCharacters[random.below(kCharacters.size())];
  }
  switch (levels == 0 ? 0 : random.below(3)) {
    case 1: {
      Array out;
      for (std::size_t i = random.below(4); i > 0; --i) {
        out.push_back(any_value(random, levels - 1));
      }
      return out;
    }
    case 2: {
      Object out;
      for (std::size_t i = random.below(4); i > 0; --i) {
        out[text + std::to_string(i)] = any_value(random, levels - 1);
      }
      return out;
    }
    default:
      return Value(text);
  }
}

TEST(JsonDepth, IsThatOfTheTree) {
  SeededRandom random;
  for (int i = 0; i < 2'000; ++i) {
    const Value value = any_value(random, 8);
    const std::string text = print(value);
    const std::size_t depth = depth_of(value);
    for (std::size_t levels = 0; levels < 10; ++levels) {
      EXPECT_EQ(nests_deeper_than(text, levels), depth > levels) << text;
    }
  }
}

}  // namespace
}  // namespace pawl::json
