#include "foundation/crypto/aead.h"

#include <gtest/gtest.h>

#include "tests/foundation/crypto/vectors.h"

namespace pawl {
namespace {

// Gives out a fixed text.
class FixedRandom : public Random {
 public:
  explicit FixedRandom(std::string text) : text_(std::move(text)) {}
  std::string bytes(std::size_t count) override { return text_.substr(0, count); }

 private:
  std::string text_;
};

const std::string kKey(32, 'k');

TEST(AeadTest, PublishedValues) {
  for (const json::Value& row : testing::vectors("primitives.json", "aes_256_gcm")) {
    SCOPED_TRACE(testing::text_of(row, "name"));
    FixedRandom random(testing::hex_of(row, "nonce"));
    const std::string key = testing::hex_of(row, "key");
    const std::string bound = testing::hex_of(row, "bound");
    const std::string plain = testing::hex_of(row, "plain");
    const std::string sealed = aead_seal(key, bound, plain, random);
    EXPECT_EQ(hex_encode(sealed), testing::text_of(row, "nonce") + testing::text_of(row, "sealed"));
    EXPECT_EQ(aead_open(key, bound, sealed).value_or("refused"), plain);
  }
}

TEST(AeadTest, EmptyTextAndEmptyBindingOpen) {
  const std::string sealed = aead_seal(kKey, "", "", system_random());
  EXPECT_EQ(sealed.size(), 28u);
  const Result<std::string> plain = aead_open(kKey, std::string_view(), sealed);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(*plain, "");
}

TEST(AeadTest, TheSameTextNeverSealsTheSame) {
  EXPECT_NE(aead_seal(kKey, "b", "text", system_random()),
            aead_seal(kKey, "b", "text", system_random()));
}

TEST(AeadTest, WhatWasNotSealedSoDoesNotOpen) {
  const std::string sealed = aead_seal(kKey, "call 1", "state", system_random());
  std::string other_key = kKey;
  other_key[31] ^= 1;
  struct Case {
    const char* name;
    std::string key, bound, sealed;
  };
  const Case cases[] = {
      {"another binding", kKey, "call 2", sealed},
      {"no binding", kKey, "", sealed},
      {"another key", other_key, "call 1", sealed},
      {"empty", kKey, "call 1", ""},
      {"shorter than nonce and tag", kKey, "call 1", sealed.substr(0, 27)},
      {"last byte cut", kKey, "call 1", sealed.substr(0, sealed.size() - 1)},
      {"a byte more", kKey, "call 1", sealed + '\0'},
  };
  for (const Case& c : cases) {
    const Result<std::string> plain = aead_open(c.key, c.bound, c.sealed);
    ASSERT_FALSE(plain.has_value()) << c.name;
    EXPECT_EQ(plain.error().code, Code::kBadSignature) << c.name;
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string flipped = sealed;
    flipped[i] ^= 1;
    EXPECT_FALSE(aead_open(kKey, "call 1", flipped).has_value()) << "byte " << i;
  }
}

}  // namespace
}  // namespace pawl
