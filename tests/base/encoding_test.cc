#include "base/encoding.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

TEST(Encoding, WritesTheVectorsOfRfc4648) {
  struct Case {
    const char* bytes;
    const char* base64;
    const char* base64url;
  } cases[] = {
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+", "-__-"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(base64_encode(c.bytes), c.base64);
    EXPECT_EQ(base64url_encode(c.bytes), c.base64url);
    EXPECT_EQ(base64_decode(c.base64).value(), c.bytes);
    EXPECT_EQ(base64url_decode(c.base64url).value(), c.bytes);
  }
  EXPECT_EQ(hex_encode(std::string_view("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(hex_decode("007fff").value(), std::string_view("\x00\x7f\xff", 3));
}

TEST(Encoding, RefusesEverySecondSpelling) {
  struct Case {
    const char* name;
    Result<std::string> (*decode)(std::string_view);
    const char* text;
  } cases[] = {
      {"url: padding", base64url_decode, "Zg=="},
      {"url: unused bits of one byte", base64url_decode, "Zh"},
      {"url: unused bits of two bytes", base64url_decode, "Zm9"},
      {"url: impossible length", base64url_decode, "Zm9vY"},
      {"url: other alphabet", base64url_decode, "+//+"},
      {"url: white space", base64url_decode, "Zm 9"},
      {"url: line end", base64url_decode, "Zm9v\n"},
      {"url: not ASCII", base64url_decode, "Zm\xc3\xa4"},
      {"no padding", base64_decode, "Zg"},
      {"short padding", base64_decode, "Zg="},
      {"long padding", base64_decode, "Z==="},
      {"only padding", base64_decode, "===="},
      {"padding inside", base64_decode, "Zg==Zg=="},
      {"unused bits", base64_decode, "Zh=="},
      {"url alphabet", base64_decode, "-__-"},
      {"hex: odd", hex_decode, "abc"},
      {"hex: upper case", hex_decode, "AB"},
      {"hex: letter", hex_decode, "0g"},
  };
  for (const Case& c : cases) {
    const Result<std::string> bytes = c.decode(c.text);
    ASSERT_FALSE(bytes) << c.name;
    EXPECT_EQ(bytes.error().code, Code::kMalformed) << c.name;
  }
}

TEST(Encoding, ReadsBackWhatItWrote) {
  SeededRandom random(7);
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string bytes = random.bytes(size);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)).value(), bytes);
    EXPECT_EQ(base64_decode(base64_encode(bytes)).value(), bytes);
    EXPECT_EQ(hex_decode(hex_encode(bytes)).value(), bytes);
  }
}

TEST(Encoding, NamesTheCharacterThatDoesNotBelong) {
  const std::string text = "Zm9vYmFyZm9vYmFyZm9";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char wrong : {'*', '+', '\0', '\xff'}) {
      std::string altered = text;
      altered[at] = wrong;
      const Result<std::string> bytes = base64url_decode(altered);
      ASSERT_FALSE(bytes) << at;
      EXPECT_EQ(bytes.error().message,
                "base64url: character " + std::to_string(at + 1) + " is outside the alphabet");
    }
  }
}

}  // namespace
}  // namespace pawl
