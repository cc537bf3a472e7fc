#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "base/json_number.h"
#include "base/json_size.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

double from_bits(std::uint64_t bits) {
  return std::bit_cast<double>(bits);
}

// RFC 8785, appendix B.
TEST(JsonPrint, WritesNumbersAsEcmascriptDoes) {
  struct Case {
    std::uint64_t bits;
    const char* text;
  } cases[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x7fffffffffffffff, "null"},
      {0x7ff0000000000000, "null"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const Case& c : cases) {
    std::string out;
    json::append_number(out, from_bits(c.bits));
    EXPECT_EQ(out, c.text);
    EXPECT_EQ(json::canonical(json::Value(from_bits(c.bits))), c.text);
  }
}

TEST(JsonPrint, WritesTheCanonicalForm) {
  struct Case {
    const char* name;
    const char* text;
    const char* canonical;
  } cases[] = {
      {"RFC 8785, 3.2.2",
       R"({"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],)"
       R"("string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]})",
       "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
       "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
      {"RFC 8785, 3.2.3",
       R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})",
       "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
       "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}"},
      {"prefix first", R"({"ab":1,"a":2,"":3})", R"({"":3,"a":2,"ab":1})"},
      {"sorted below", R"([{"b":{"d":1,"c":2},"a":[]},{}])", R"([{"a":[],"b":{"c":2,"d":1}},{}])"},
      {"integers are doubles", "[9007199254740993,-9007199254740993,18446744073709551615,42]",
       "[9007199254740992,-9007199254740992,18446744073709552000,42]"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(json::canonical(json::parse(c.text)->value), c.canonical) << c.name;
  }
}

TEST(JsonPrint, KeepsOrderAndIntegers) {
  const char* text = R"({"b":[18446744073709551615,-9007199254740993,true,null],"a":{},"c":[]})";
  EXPECT_EQ(json::print(json::parse(text)->value), text);
}

TEST(JsonPrint, QuotesAnyBytesIntoValidJson) {
  struct Case {
    std::string_view text;
    const char* quoted;
  } cases[] = {
      {"", "\"\""},
      {"plain", "\"plain\""},
      {"\"\\/", "\"\\\"\\\\/\""},
      {std::string_view("\0\x1f\x7f", 3), "\"\\u0000\\u001f\x7f\""},
      {"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""},
      {"\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\""},
      {"a\xff\x62", "\"a\xef\xbf\xbd\x62\""},
      {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(json::quote(c.text), c.quoted);
    EXPECT_TRUE(json::parse(json::quote(c.text))) << c.quoted;
  }
}

// Texts are looked at eight bytes at a time: every byte, at every place of a word, beside others.
TEST(JsonPrint, QuotesEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t size = 1; size <= 18; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '~');
        text[at] = static_cast<char>(byte);
        const std::string quoted = json::quote(text);
        const Result<json::Parsed> parsed = json::parse(quoted);
        ASSERT_TRUE(parsed) << quoted;
        std::string expected = text;
        if (byte >= 0x80) {
          expected.replace(at, 1, "\xef\xbf\xbd");
        }
        ASSERT_EQ(std::string_view(parsed->value.get_string()), expected) << "byte " << byte;
        const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
        ASSERT_EQ(quoted.find('\\') != std::string::npos, escaped) << "byte " << byte;
      }
    }
  }
}

TEST(JsonPrint, FindsByPath) {
  const json::Value value = json::parse(R"({"a":{"b":"x","n":1},"s":"y"})")->value;
  EXPECT_EQ(json::find_string(value, {"a", "b"}), "x");
  EXPECT_EQ(json::find_string(value, {"a", "n"}), std::nullopt);
  EXPECT_EQ(json::find(value, {"a", "c"}), nullptr);
  EXPECT_EQ(json::find(value, {"s", "b"}), nullptr);
  EXPECT_EQ(json::find(value, {}), &value);
}

json::Value random_value(SeededRandom& random, int depth) {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return random.coin();
    case 2:
      return static_cast<std::int64_t>(random.next() >> random.below(64));
    case 3:
      return random.next() | std::uint64_t{1} << 63;
    case 4: {
      const double number = from_bits(random.next());
      return std::isfinite(number) && std::trunc(number) != number ? number : 0.5;
    }
    case 5: {
      const char* pieces[] = {"a", "\"", "\\", "\n", "\x01", "\xc3\xa4", "\xf0\x9f\x98\x80", "/"};
      std::string text;
      for (std::uint64_t n = random.below(8); n > 0; --n) {
        text += pieces[random.below(8)];
      }
      return json::Value(text);
    }
    case 6: {
      json::Array array;
      for (std::uint64_t n = random.below(5); n > 0; --n) {
        array.push_back(random_value(random, depth - 1));
      }
      return array;
    }
    default: {
      json::Object object;
      for (std::uint64_t n = random.below(5); n > 0; --n) {
        object[std::to_string(random.below(100))] = random_value(random, depth - 1);
      }
      return object;
    }
  }
}

TEST(JsonPrint, ReadsBackWhatItPrinted) {
  constexpr std::uint64_t kSeed = 20260308;
  SeededRandom random(kSeed);
  for (int round = 0; round < 3000; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    const json::Value value = random_value(random, 4);
    const Result<json::Parsed> parsed = json::parse(json::print(value));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->value, value) << json::print(value);
    const std::string canonical = json::canonical(value);
    const Result<json::Parsed> again = json::parse(canonical);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->lossy_numbers.empty()) << canonical;
    EXPECT_EQ(json::canonical(again->value), canonical);
  }
}

// A bound that is too low would let a token's extension be longer than its limit.
TEST(JsonPrint, WhatSurelyFitsFits) {
  SeededRandom random(11);
  const std::string awkward = std::string("a/\"\\\x01\x1f\x7f\xc3\xa4\xf0\x9f\x98\x80\xff\n", 15);
  for (int round = 0; round < 200; ++round) {
    json::Object object;
    for (const char c : random.bytes(1 + round % 7)) {
      const auto byte = static_cast<unsigned char>(c);
      const std::string text = awkward.substr(byte % awkward.size());
      object[text] = byte % 5 == 0   ? json::Value(text)
                     : byte % 5 == 1 ? json::Value(json::Array{nullptr, true, -1.5e-300, text})
                     : byte % 5 == 2 ? json::Value(json::Object{{text, INT64_MIN}})
                     : byte % 5 == 3 ? json::Value(1.0 / (1 + byte))
                                     : json::Value(json::Array());
    }
    const std::size_t size = json::print(object).size();
    EXPECT_FALSE(json::surely_prints_within(object, size - 1)) << json::print(object);
    EXPECT_TRUE(json::surely_prints_within(object, 40 * size + 100));
  }
  EXPECT_TRUE(json::surely_prints_within(json::Object{{"name", "value"}}, 64));
}

}  // namespace
}  // namespace pawl
