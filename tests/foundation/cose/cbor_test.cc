#include "foundation/cose/cbor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/encoding.h"

namespace pawl::cbor {
namespace {

std::string bytes(std::string_view hex) {
  return hex_decode(hex).value_or("bad hex in the test");
}

Value text(std::string value) {
  return {std::move(value)};
}
Value number(std::int64_t value) {
  return {value};
}

struct Row {
  std::string_view hex;
  Value value;
};

// Values and encodings of RFC 8949, appendix A, that are of the kinds read here.
TEST(Cbor, ReadsAndWritesTheStandardsExamples) {
  const Row rows[] = {
      {"00", number(0)},
      {"17", number(23)},
      {"1818", number(24)},
      {"1903e8", number(1000)},
      {"1a000f4240", number(1'000'000)},
      {"1b000000e8d4a51000", number(1'000'000'000'000)},
      {"1bffffffffffffffff", integer(std::numeric_limits<std::uint64_t>::max())},
      {"1b7fffffffffffffff", number(std::numeric_limits<std::int64_t>::max())},
      {"1b8000000000000000", integer(std::uint64_t{1} << 63)},
      {"20", number(-1)},
      {"3863", number(-100)},
      {"3903e7", number(-1000)},
      {"3b7fffffffffffffff", number(std::numeric_limits<std::int64_t>::min())},
      {"f90000", {0.0}},
      {"f98000", {-0.0}},
      {"f93c00", {1.0}},
      {"fb3ff199999999999a", {1.1}},
      {"f93e00", {1.5}},
      {"f97bff", {65504.0}},
      {"fa47c35000", {100000.0}},
      {"fa7f7fffff", {3.4028234663852886e+38}},
      {"fb7e37e43c8800759c", {1.0e+300}},
      {"f90001", {5.960464477539063e-8}},
      {"f90400", {0.00006103515625}},
      {"f9c400", {-4.0}},
      {"fbc010666666666666", {-4.1}},
      {"f4", {false}},
      {"f5", {true}},
      {"f6", {Null{}}},
      {"40", {Bytes{}}},
      {"4401020304", {Bytes{std::string("\1\2\3\4")}}},
      {"60", text("")},
      {"6449455446", text("IETF")},
      {"62225c", text("\"\\")},
      {"62c3bc", text("\xc3\xbc")},
      {"64f0908591", text("\xf0\x90\x85\x91")},
      {"80", {Array{}}},
      {"83010203", {Array{number(1), number(2), number(3)}}},
      {"8301820203820405",
       {Array{number(1), {Array{number(2), number(3)}}, {Array{number(4), number(5)}}}}},
      {"a0", {Map{}}},
      {"a201020304", {Map{{number(1), number(2)}, {number(3), number(4)}}}},
      {"a26161016162820203",
       {Map{{text("a"), number(1)}, {text("b"), {Array{number(2), number(3)}}}}}},
      {"826161a161626163", {Array{text("a"), {Map{{text("b"), text("c")}}}}}},
  };
  for (const Row& row : rows) {
    const Result<Item> item = read(bytes(row.hex));
    ASSERT_TRUE(item) << row.hex << ": " << item.error().message;
    EXPECT_EQ(item->value, row.value) << row.hex;
    const Result<std::string> again = write(row.value);
    ASSERT_TRUE(again) << row.hex;
    EXPECT_EQ(hex_encode(*again), row.hex);
  }
}

TEST(Cbor, EveryHalfIsWrittenAsAHalf) {
  for (unsigned half = 0; half <= 0xffff; ++half) {
    const std::string encoded = {'\xf9', static_cast<char>(half >> 8), static_cast<char>(half)};
    const Result<Item> item = read(encoded);
    const bool is_finite = (half & 0x7c00) != 0x7c00;
    ASSERT_EQ(item.has_value(), is_finite) << half << (item ? "" : item.error().message);
    EXPECT_TRUE(!item || write(*item) == encoded) << half;
  }
}

struct BadRow {
  std::string_view hex;
  Code code;
  std::string_view why;
};

// In either form: what is cut off, reserved, or never read.
TEST(Cbor, RefusesWhatIsNotOneWholePlainItem) {
  const BadRow rows[] = {
      {"", Code::kMalformed, "cut off"},
      {"18", Code::kMalformed, "cut off"},
      {"1b00000000000000", Code::kMalformed, "cut off"},
      {"4201", Code::kMalformed, "cut off"},
      {"5bffffffffffffffff00", Code::kMalformed, "cut off"},
      {"7bffffffffffffffff00", Code::kMalformed, "cut off"},
      {"8301", Code::kMalformed, "more items than bytes"},
      {"820100"
       "00",
       Code::kMalformed, "behind the item"},
      {"9bffffffffffffffff00", Code::kMalformed, "more items than bytes"},
      {"bbffffffffffffffff0000", Code::kMalformed, "more items than bytes"},
      {"bb800000000000000000", Code::kMalformed, "more items than bytes"},
      {"a101", Code::kMalformed, "more items than bytes"},
      {"1c", Code::kMalformed, "reserved"},
      {"1f", Code::kMalformed, "reserved"},
      {"5f4101ff", Code::kMalformed, "indefinite"},
      {"7f6161ff", Code::kMalformed, "indefinite"},
      {"9f01ff", Code::kMalformed, "indefinite"},
      {"bf0102ff", Code::kMalformed, "indefinite"},
      {"819f01ff", Code::kMalformed, "indefinite"},
      {"ff", Code::kMalformed, "indefinite"},
      {"f7", Code::kMalformed, "undefined"},
      {"f0", Code::kMalformed, "reserved"},
      {"f8ff", Code::kMalformed, "reserved"},
      {"f97e00", Code::kMalformed, "NaN"},
      {"f97c00", Code::kMalformed, "NaN"},
      {"fb7ff0000000000000", Code::kMalformed, "NaN"},
      {"3b8000000000000000", Code::kMalformed, "below -2^63"},
      {"3bffffffffffffffff", Code::kMalformed, "below -2^63"},
      {"61ff", Code::kMalformed, "UTF-8"},
      {"62c080", Code::kMalformed, "UTF-8"},
      {"63eda080", Code::kMalformed, "UTF-8"},
      {"81c000", Code::kMalformed, "tag"},
      {"d2d2d200", Code::kMalformed, "tag"},
      {"a2010201"
       "03",
       Code::kMalformed, "twice"},
      {"a2616101616102", Code::kMalformed, "twice"},
      {"a2010218"
       "0103",
       Code::kMalformed, "twice"},  // 1 in a longer spelling
      {"a1410100", Code::kMalformed, "neither an integer nor a text"},
      {"a1f500", Code::kMalformed, "neither an integer nor a text"},
      {"a1800000", Code::kMalformed, "neither an integer nor a text"},
  };
  for (const BadRow& row : rows) {
    for (const Form form : {Form::kAny, Form::kDeterministic}) {
      const Result<Item> item = read(bytes(row.hex), {.form = form});
      ASSERT_FALSE(item) << row.hex;
      EXPECT_EQ(item.error().code, row.code) << row.hex;
      EXPECT_NE(item.error().message.find(row.why), std::string::npos)
          << row.hex << ": " << item.error().message;
    }
  }
}

TEST(Cbor, OtherSpellingsOfAValueAreReadOnlyWhereAnyIsAsked) {
  const std::string_view rows[] = {
      "1800",                // 0 in two bytes
      "190017",              // 23 in three
      "1b0000000000000001",  // 1 in nine
      "3800",                // -1 in two
      "580101",              // a length in two
      "7800",                // no text, in two
      "980101",              // a count in two
      "b8010102",            // the same of a map
      "fa3f800000",          // 1.0 in five
      "fb3ff0000000000000",  // in nine
      "a203040102",          // keys out of order
      "a2616101"
      "0102",  // a text before an integer
      "a26261610161"
      "6202",    // a longer key before a shorter one
      "d81200",  // tag 18 in two bytes
  };
  for (const std::string_view hex : rows) {
    const Result<Item> any = read(bytes(hex), {.form = Form::kAny});
    EXPECT_TRUE(any) << hex << ": " << any.error().message;
    const Result<Item> strict = read(bytes(hex));
    ASSERT_FALSE(strict) << hex;
    EXPECT_EQ(strict.error().code, Code::kMalformed);
    EXPECT_NE(strict.error().message.find("deterministic"), std::string::npos) << hex;
  }
}

TEST(Cbor, KeepsItsLimits) {
  const std::string deep16(15, '\x81');
  EXPECT_TRUE(read(deep16 + "\x80"));
  const Result<Item> too_deep = read(deep16 + "\x81\x80");
  ASSERT_FALSE(too_deep);
  EXPECT_EQ(too_deep.error().code, Code::kTooLarge);
  const std::string far_too_deep(60'000, '\x81');
  EXPECT_FALSE(read(far_too_deep + "\x80"));

  const std::string three = bytes("83010203");
  EXPECT_TRUE(read(three, {.max_bytes = 4, .max_items = 3}));
  EXPECT_EQ(read(three, {.max_bytes = 3}).error().code, Code::kTooLarge);
  EXPECT_EQ(read(three, {.max_items = 2}).error().code, Code::kTooLarge);
  const std::string pairs = bytes("a201020304");
  EXPECT_TRUE(read(pairs, {.max_items = 4}));
  EXPECT_EQ(read(pairs, {.max_items = 3}).error().code, Code::kTooLarge);
}

TEST(Cbor, KeepsTheTagsInFrontOfTheWhole) {
  const Result<Item> item = read(bytes("d83dd200"));
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_EQ(item->tags, (std::vector<std::uint64_t>{61, 18}));
  EXPECT_EQ(hex_encode(write(*item).value_or("")), "d83dd200");
}

TEST(Cbor, DoesNotWriteWhatCannotBeRead) {
  EXPECT_FALSE(write(Value{std::nan("")}));
  EXPECT_FALSE(write(Value{std::numeric_limits<double>::infinity()}));
  EXPECT_FALSE(write(text("\xff")));
  EXPECT_FALSE(write(Value{Map{{number(1), number(2)}, {number(1), number(3)}}}));
  EXPECT_FALSE(write(Value{Map{{{true}, number(2)}}}));
  EXPECT_FALSE(write(Value{Array{{std::nan("")}}}));
}

TEST(Cbor, FindsByIntegerKeys) {
  const Map map = {{text("1"), text("no")}, {number(-1), text("minus")}, {number(1), text("yes")}};
  ASSERT_NE(find(map, 1), nullptr);
  EXPECT_EQ(*find(map, 1), text("yes"));
  EXPECT_EQ(find(map, 2), nullptr);
}

}  // namespace
}  // namespace pawl::cbor
