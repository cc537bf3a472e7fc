#include <gtest/gtest.h>

#include <cfloat>

#include "base/json.h"
#include "base/json_number.h"

namespace pawl {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonParse, RefusesWhatIsNotOneJsonValue) {
  struct Case {
    const char* name;
    std::string text;
    const char* message;
  } cases[] = {
      {"empty", "", "line 1, column 1: the text ends"},
      {"white space", " \n ", "line 2, column 2: the text ends"},
      {"cut short", "{\"a\":1", "line 1, column 7: the text ends"},
      {"cut in a string", "\"ab", "line 1, column 4: the text ends"},
      {"cut in a word", "tru", "the text ends"},
      {"cut number", "-", "the text ends"},
      {"trailing value", "{} {}", "line 1, column 4: bytes after"},
      {"trailing byte", "1 x", "line 1, column 3: bytes after"},
      {"trailing comma", "[1,]", "line 1, column 4: unexpected ']'"},
      {"second line", "{\n  \"a\": ?}", "line 2, column 8: unexpected '?'"},
      {"leading zero", "01", "column 2: bytes after"},
      {"plus", "+1", "unexpected '+'"},
      {"no digits after the point", "1.", ""},
      {"single quotes", "{'a':1}", "unexpected '''"},
      {"comment", "/**/1", "unexpected '/'"},
      {"not a number", "NaN", "unexpected 'N'"},
      {"byte order mark", "\xef\xbb\xbf{}", "unexpected byte 0xef"},
      {"control character", "\"a\nb\"", "line 1, column 3: unexpected byte 0x0a"},
      {"bad escape", "\"\\x\"", ""},
      {"lone leading surrogate", "\"\\ud800\"", ""},
      {"lone trailing surrogate", "\"\\udc00\"", ""},
      {"UTF-8: lone tail", "\"\x80\"", "not valid UTF-8"},
      {"UTF-8: overlong", "\"\xc0\xaf\"", "not valid UTF-8"},
      {"UTF-8: surrogate", "\"\xed\xa0\x80\"", "not valid UTF-8"},
      {"UTF-8: beyond", "\"\xf4\x90\x80\x80\"", "not valid UTF-8"},
      {"UTF-8: cut by the quote", "\"\xe2\x82\"", ""},
      {"UTF-8: in a key", "{\"\xff\":1}", "not valid UTF-8"},
      {"exponent beyond counting", "1e99999999999", ""},
      {"doubled key", "{\"a\":1,\"a\":1}", "the key \"a\" stands twice"},
      {"doubled by escape", "{\"name\":1,\"\\u006eame\":2}", "the key \"name\" stands twice"},
      {"doubled empty key", "{\"\":1,\"\":2}", "the key \"\" stands twice"},
      {"doubled below", "[{\"a\":{\"b\":1,\n\"b\":2}}]", "line 2, column"},
      {"doubled with a lossy number", "{\"a\":1e400,\"a\":1}", "stands twice"},
  };
  for (const Case& c : cases) {
    const Result<json::Parsed> parsed = json::parse(c.text);
    ASSERT_FALSE(parsed) << c.name;
    EXPECT_EQ(parsed.error().code, Code::kMalformed) << c.name;
    EXPECT_NE(parsed.error().message.find(c.message), std::string::npos)
        << c.name << ": " << parsed.error().message;
  }
}

TEST(JsonParse, FindsADoubledKeyInALargeObject) {
  for (const std::size_t count : {2u, 17u, 18u, 19u, 33u, 500u}) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) {
      text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    }
    EXPECT_TRUE(json::parse(text + "\"key\":0}")) << count;
    EXPECT_FALSE(json::parse(text + "\"key0\":0}")) << count;
    EXPECT_FALSE(json::parse(text + "\"ke\\u0079" + std::to_string(count - 1) + "\":0}")) << count;
  }
}

TEST(JsonParse, AcceptsTheSameKeyInDifferentObjects) {
  EXPECT_TRUE(json::parse(R"({"a":{"a":1},"b":[{"a":1},{"a":2}],"A":0})"));
}

TEST(JsonParse, HoldsItsLimits) {
  json::Limits limits;
  limits.max_bytes = 100;
  limits.max_depth = 3;
  limits.max_members = 5;
  limits.max_object_members = 2;
  struct Case {
    const char* name;
    std::string text;
    bool fits;
  } cases[] = {
      {"100 bytes", "\"" + std::string(98, 'a') + "\"", true},
      {"101 bytes", "\"" + std::string(99, 'a') + "\"", false},
      {"depth 3", nested(3), true},
      {"depth 4", nested(4), false},
      {"depth 4, never closed", "[[[[", false},
      {"5 elements", "[1,2,3,4,5]", true},
      {"6 elements", "[1,2,3,4,5,6]", false},
      {"5 together", R"([{"a":[],"b":"x"},null,1.5])", true},
      {"6 together", R"([{"a":[],"b":"x"},null,1.5,true])", false},
      {"3 members of one object", R"({"a":1,"b":2,"c":3})", false},
  };
  for (const Case& c : cases) {
    const Result<json::Parsed> parsed = json::parse(c.text, limits);
    ASSERT_EQ(parsed.has_value(), c.fits) << c.name;
    if (!c.fits) {
      EXPECT_EQ(parsed.error().code, Code::kTooLarge) << c.name << parsed.error().message;
    }
  }
  EXPECT_FALSE(json::parse(nested(100'000)));
}

TEST(JsonParse, ReportsNumbersThatADoubleChanges) {
  struct Case {
    const char* text;
    bool lossy;
  } cases[] = {
      {"0", false},
      {"-0", false},
      {"-0.0", false},
      {"0e999999999", false},
      {"1.0", false},
      {"1e2", false},
      {"100e-2", false},
      {"0.10", false},
      {"0.1", false},
      {"1E+2", false},
      {"9007199254740992", false},
      {"9007199254740993", true},
      {"-9007199254740993", true},
      {"9007199254740994", false},
      {"18446744073709551615", true},
      {"18446744073709552000", false},
      {"123456789012345680000", false},
      {"1e22", false},
      {"10000000000000000000000", false},
      {"10000000000000000000001", true},
      {"1e400", true},
      {"-1e400", true},
      {"1e-400", true},
      {"5e-324", false},
      {"4.9e-324", true},
      {"1.7976931348623157e308", false},
      {"0.1234567890123456789", true},
      {"0.3000000000000000", false},
      {"0.30000000000000004", false},
      {"0.30000000000000003", true},
      {"3.141592653589793", false},
      {"3.14159265358979323846", true},
      {"1000000000000000000000000000000000000000000000e-45", false},
      {"0.00000000000000000000000000000000000000000000001e47", false},
  };
  for (const Case& c : cases) {
    const Result<json::Parsed> parsed = json::parse(std::string("{\"n\":") + c.text + "}");
    ASSERT_TRUE(parsed) << c.text << ": " << parsed.error().message;
    EXPECT_EQ(!parsed->lossy_numbers.empty(), c.lossy) << c.text;
  }
}

TEST(JsonParse, PointsAtLossyNumbers) {
  using Pointers = std::vector<std::string>;
  const char* text = R"([1,{"a/b":[0,[],1e400],"c~":-1e400,"":{"x":9007199254740993}},"s",1e400])";
  EXPECT_EQ(json::parse(text)->lossy_numbers, (Pointers{"/1/a~1b/2", "/1/c~0", "/1//x", "/3"}));
  EXPECT_EQ(json::parse("1e400")->lossy_numbers, Pointers{""});
  EXPECT_EQ(
      json::parse("[1e400,1e400,1e400,1e400,1e400,1e400,1e400,1e400,1e400]")->lossy_numbers.size(),
      8u);
}

TEST(JsonParse, RoundsNumbersCorrectly) {
  struct Case {
    const char* text;
    double value;
  } cases[] = {
      {"0.1", 0.1},
      {"1.5", 1.5},
      {"8.5e-1", 0.85},
      {"1e23", 1e23},
      {"9.5367431640625e-7", 9.5367431640625e-7},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"179769313486231570000000000000000000000.5", 1.7976931348623157e38},
      {"1e400", DBL_MAX},
      {"-1e400", -DBL_MAX},
      {"1e-400", 0.0},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(json::parse(c.text)->value.as_double(), c.value) << c.text;
    EXPECT_EQ(json::read_double(c.text), c.value) << c.text;
  }
  EXPECT_EQ(json::parse("9223372036854775807")->value.as_int64(), INT64_MAX);
  EXPECT_EQ(json::parse("18446744073709551615")->value.as_uint64(), UINT64_MAX);
}

TEST(JsonParse, ReadsEscapesAcrossLongStrings) {
  std::string text = "\"";
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    text += "x\\n\\u00e4\\ud83d\\ude00";
    expected += "x\n\xc3\xa4\xf0\x9f\x98\x80";
  }
  EXPECT_EQ(json::parse(text + "\"")->value.as_string(), expected);
}

}  // namespace
}  // namespace pawl
