#include "foundation/ect/ect_level.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/known_tokens.h"
#include "tests/foundation/ect/sample_claims.h"

namespace pawl::ect {
namespace {

TEST(EctLevel, NamesAreReadAsTheyAreWritten) {
  for (const Level level : {Level::kL1, Level::kL2, Level::kL3}) {
    EXPECT_EQ(parse_level(level_name(level)), level);
  }
  for (const char* other : {"", "L0", "L4", "l2", "2", "L2 "}) {
    EXPECT_FALSE(parse_level(other)) << other;
  }
}

TEST(EctLevel, AChainIsAsStrongAsItsWeakest) {
  EXPECT_EQ(weakest(Level::kL3, Level::kL2), Level::kL2);
  EXPECT_EQ(weakest(Level::kL1, Level::kL3), Level::kL1);
  EXPECT_EQ(weakest(Level::kL3, Level::kL3), Level::kL3);
}

TEST(EctLevel, ThePayloadOfASignedTokenReadsAsTheSameClaims) {
  const Claims claims = sample_claims();
  const std::string text = base64url_encode(print(claims));
  ASSERT_TRUE(looks_unsigned(text));
  const Result<Token> token = read_unsigned(text);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->level, Level::kL1);
  EXPECT_EQ(print(token->claims), print(claims));
  EXPECT_EQ(token->compact, text);
  EXPECT_TRUE(token->kid.empty());
}

// Only the envelope differs between the levels: the words are the same, and so is the token.
TEST(EctLevel, TheSignedFormOfTheSameWordsIsNoEquivocation) {
  const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  const Claims claims = sample_claims();
  const Result<Token> plain = read_unsigned(base64url_encode(print(claims)));
  const Result<Token> token = verify_signed(
      *issue(key, "k", claims),
      [&](std::string_view, std::string_view) { return Result<PublicKey>(key.public_key()); }, {});
  ASSERT_TRUE(plain);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->level, Level::kL2);
  KnownTokens known(10);
  EXPECT_TRUE(known.note(*plain));
  EXPECT_TRUE(known.note(*token));
  Claims other = claims;
  other.exec_act = "tool.list";
  EXPECT_FALSE(known.note(*read_unsigned(base64url_encode(print(other)))));
}

TEST(EctLevel, WhatIsNoUnsignedTokenIsRefused) {
  const std::string payload = print(sample_claims());
  const std::string whole = base64url_encode(payload);
  struct Case {
    const char* name;
    std::string text;
    const char* reason;
  };
  const Case cases[] = {
      {"empty", "", "malformed"},
      {"padding", whole + "=", "malformed"},
      {"an array", base64url_encode("[]"), "malformed"},
      {"text behind", base64url_encode(payload + "x"), "malformed"},
      {"a key twice", base64url_encode("{\"iss\":\"x\"," + payload.substr(1)), "malformed"},
      {"too large", std::string(64 * 1024 + 1, 'A'), "malformed"},
      {"nothing in it", base64url_encode("{}"), "missing_claim"},
  };
  for (const Case& c : cases) {
    const Result<Token> token = read_unsigned(c.text);
    ASSERT_FALSE(token) << c.name;
    EXPECT_EQ(token.error().code, Code::kTokenInvalid) << c.name;
    EXPECT_TRUE(token.error().message.starts_with(std::string(c.reason) + ":"))
        << c.name << ": " << token.error().message;
  }
}

}  // namespace
}  // namespace pawl::ect
