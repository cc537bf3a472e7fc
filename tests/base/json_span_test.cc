#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

TEST(JsonSpan, FindsMembers) {
  const std::string text =
      " {\"a\" : 1 ,\n\"b\":{\"a\":[1,\"}\\\"]\"]} , \"c\\u0064\\n\":\"x\" , "
      "\"\\ud83d\\ude00\":-1.5e3,\"z\\\\\":null} ";
  struct Case {
    const char* key;
    const char* raw;  // null: no such member
  } cases[] = {
      {"a", "1"},        {"b", "{\"a\":[1,\"}\\\"]\"]}"},
      {"cd\n", "\"x\""}, {"\xf0\x9f\x98\x80", "-1.5e3"},
      {"z\\", "null"},   {"c", nullptr},
      {"", nullptr},     {"A", nullptr},
  };
  ASSERT_TRUE(json::parse(text));
  for (const Case& c : cases) {
    const std::optional<json::Span> span = json::member(text, json::whole(text), c.key);
    ASSERT_EQ(span.has_value(), c.raw != nullptr) << c.key;
    if (span) {
      EXPECT_EQ(span->of(text), c.raw);
    }
  }
  EXPECT_FALSE(json::member("{}", {0, 2}, "a"));
}

TEST(JsonSpan, FindsTheWholeValueAndElements) {
  const std::string text = "\n [ 1,\"a,]\" , [2,[3]],{ } ]\t";
  const json::Span whole = json::whole(text);
  EXPECT_EQ(whole.of(text), "[ 1,\"a,]\" , [2,[3]],{ } ]");
  std::vector<std::string> raws;
  for (const json::Span& span : json::elements(text, whole)) {
    raws.emplace_back(span.of(text));
  }
  EXPECT_EQ(raws, (std::vector<std::string>{"1", "\"a,]\"", "[2,[3]]", "{ }"}));
  EXPECT_TRUE(json::elements("[ ]", {0, 3}).empty());
}

TEST(JsonSpan, TakesOutOneMember) {
  struct Case {
    const char* object;
    const char* key;
    const char* expected;
  } cases[] = {
      {R"({"a":1})", "a", "{}"},
      {R"({ "a" : 1 })", "a", "{  }"},
      {R"({"a":1,"b":2})", "a", R"({"b":2})"},
      {R"({"a":1,"b":2})", "b", R"({"a":1})"},
      {R"({"a":1, "b" : [2] , "c":3})", "b", R"({"a":1,   "c":3})"},
      {R"({"a":1 , "b":2 })", "b", R"({"a":1   })"},
      {R"({"a":{"b":1},"b":2})", "b", R"({"a":{"b":1}})"},
      {R"({"\u0061":1,"b":2})", "a", R"({"b":2})"},
      {R"({"a":1})", "c", R"({"a":1})"},
      {"{}", "a", "{}"},
  };
  for (const Case& c : cases) {
    const std::string text = std::string("[0,") + c.object + "]";
    const json::Span object = json::elements(text, json::whole(text)).at(1);
    EXPECT_EQ(json::without_member(text, object, c.key), c.expected) << c.object;
  }
}

TEST(JsonSpan, SetsOneMember) {
  struct Case {
    const char* text;
    const char* key;
    const char* expected;
  } cases[] = {
      {"{}", "k", R"({"k":[9]})"},
      {" { } ", "k", R"( {"k":[9] } )"},
      {R"({"a":1})", "k", R"({"k":[9],"a":1})"},
      {R"({"a":1, "k" : {"k":2} })", "k", R"({"a":1, "k" : [9] })"},
      {R"({"\u006b":1})", "k", R"({"\u006b":[9]})"},
      {"{}", "a\"b", R"({"a\"b":[9]})"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(json::with_member(c.text, json::whole(c.text), c.key, "[9]"), c.expected);
  }
  EXPECT_EQ(json::replaced("[1,2]", {1, 2}, "null"), "[null,2]");
}

// Objects with random white space, member counts and nesting, from a seed.
std::string random_text(SeededRandom& random, int depth) {
  const auto space = [&] { return std::string(random.below(3), " \n\t\r"[random.below(4)]); };
  const std::uint64_t kind = random.below(depth > 0 ? 6 : 4);
  const char* scalars[] = {"null", "-1.50e+3", "\"a\\\"},{b\\\\\"", "\"\""};
  if (kind < 4) {
    return scalars[kind];
  }
  const bool object = kind == 4;
  std::string out = (object ? "{" : "[") + space();
  const std::uint64_t count = random.below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    out += i > 0 ? "," + space() : "";
    if (object) {
      out += "\"k" + std::to_string(i) + "\"" + space() + ":" + space();
    }
    out += random_text(random, depth - 1) + space();
  }
  return out + (object ? "}" : "]");
}

TEST(JsonSpan, SetAndTakenOutTheTextIsAsBefore) {
  constexpr std::uint64_t kSeed = 20260307;
  SeededRandom random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    const std::string object = "{\"first\":" + random_text(random, 3) + "}";
    const std::string text = random.coin() ? object : "{}";
    const std::string with = json::with_member(text, json::whole(text), "new", "[1]");
    const Result<json::Parsed> parsed = json::parse(with);
    ASSERT_TRUE(parsed) << with;
    EXPECT_NE(json::find(parsed->value, {"new"}), nullptr);
    EXPECT_EQ(json::without_member(with, json::whole(with), "new"), text);

    const json::Span value = *json::member(object, json::whole(object), "first");
    const json::Value whole = json::parse(object)->value;
    EXPECT_EQ(json::parse(value.of(object))->value, *json::find(whole, {"first"}));
  }
}

TEST(JsonSpan, StaysInsideTextThatIsNotJson) {
  constexpr std::string_view kAlphabet = "{}[]\",:\\u1 a";
  SeededRandom random(99);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (std::uint64_t size = random.below(20); size > 0; --size) {
      text += kAlphabet[random.below(kAlphabet.size())];
    }
    const json::Span whole = json::whole(text);
    for (const json::Span& span : json::elements(text, whole)) {
      ASSERT_LE(span.begin, span.end);
      ASSERT_LE(span.end, text.size());
    }
    if (const auto span = json::member(text, whole, "a")) {
      ASSERT_LE(span->begin, span->end);
      ASSERT_LE(span->end, text.size());
    }
    json::without_member(text, whole, "a");
    json::with_member(text, whole, "a", "1");
  }
}

}  // namespace
}  // namespace pawl
