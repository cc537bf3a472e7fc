#include "foundation/schema/decimal.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace pawl::schema {
namespace {

TEST(Decimal, ReadsJsonNumbersOnly) {
  struct {
    const char* text;
    const char* back;  // nullptr: refused
  } const cases[] = {
      {"0", "0"},
      {"-0", "0"},
      {"1.50", "1.5"},
      {"100", "100"},
      {"1e3", "1000"},
      {"-2.5E-1", "-0.25"},
      {"1e30", "1e30"},
      {"0.001", "0.001"},
      {"9223372036854775807", "9223372036854775807"},
      {"", nullptr},
      {"01", nullptr},
      {"1.", nullptr},
      {".5", nullptr},
      {"+1", nullptr},
      {"1e", nullptr},
      {"0x1", nullptr},
      {"1 ", nullptr},
      {"-", nullptr},
      {"NaN", nullptr},
      {"1e10000", nullptr},
      {"1e99999999999", nullptr},
      {"123456789012345678901", nullptr},
  };
  for (const auto& c : cases) {
    const auto read = Decimal::from_text(c.text);
    ASSERT_EQ(read.has_value(), c.back != nullptr) << c.text;
    if (read) {
      EXPECT_EQ(to_text(*read), c.back) << c.text;
    }
  }
}

TEST(Decimal, OrdersWithoutRounding) {
  const char* ascending[] = {"-1e300",           "-10",  "-9.99", "-0.1", "0",
                             "1e-300",           "0.1",  "0.11",  "1",    "9007199254740992",
                             "9007199254740993", "1e16", "1e300"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      const int expected = i < j ? -1 : i > j ? 1 : 0;
      EXPECT_EQ(compare(*Decimal::from_text(ascending[i]), *Decimal::from_text(ascending[j])),
                expected)
          << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(Decimal, TakesEveryKindOfJsonNumber) {
  EXPECT_EQ(to_text(Decimal::from_json(json::Value(0.1))), "0.1");
  EXPECT_EQ(to_text(Decimal::from_json(json::Value(std::numeric_limits<std::int64_t>::min()))),
            "-9223372036854775808");
  EXPECT_EQ(to_text(Decimal::from_json(json::Value(std::numeric_limits<std::uint64_t>::max()))),
            "18446744073709551615");
  EXPECT_TRUE(Decimal::from_json(json::Value(1e22)).is_integer());
  EXPECT_EQ(Decimal::from_json(json::Value(1.0)), Decimal::from_json(json::Value(1)));
}

TEST(Decimal, MultiplesAreExact) {
  struct {
    const char* value;
    const char* divisor;
    bool is;
  } const cases[] = {
      {"0.07", "0.01", true},     {"1e300", "7", false},
      {"1e300", "8", true},       {"0", "3", true},
      {"5", "10", false},         {"4.5", "1.5", true},
      {"35", "1.5", false},       {"5", "0", false},
      {"-6", "3", true},          {"1e308", "0.123456789", false},
      {"0.0075", "0.0001", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(is_multiple(*Decimal::from_text(c.value), *Decimal::from_text(c.divisor)), c.is)
        << c.value << " / " << c.divisor;
  }
}

}  // namespace
}  // namespace pawl::schema
