#include "foundation/ect/known_tokens.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/foundation/ect/sample_claims.h"

namespace pawl::ect {
namespace {

Token token(std::uint8_t number, std::string act, std::string iss = "a") {
  Claims claims = sample_claims();
  claims.iss = std::move(iss);
  claims.jti = sample_id(number);
  claims.exec_act = std::move(act);
  return {.claims = claims, .kid = "k", .compact = "h." + base64url_encode(print(claims)) + ".s"};
}

TEST(KnownTokens, AnIdIsOfItsIssuer) {
  KnownTokens known(4);
  EXPECT_TRUE(known.note(token(1, "x", "a")));
  EXPECT_TRUE(known.note(token(1, "y", "b")));
  const Status twice = known.note(token(1, "y", "a"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::kTokenInvalid);
  EXPECT_TRUE(twice.error().message.starts_with("equivocation:")) << twice.error().message;
  EXPECT_TRUE(known.note(token(1, "x", "a"))) << "the first words stay";
}

// At least `capacity` of the latest; of what was forgotten other words pass for new.
TEST(KnownTokens, TheLatestAreRemembered) {
  constexpr std::size_t kCapacity = 4;
  KnownTokens known(kCapacity);
  for (std::uint8_t i = 1; i <= 3 * kCapacity; ++i) {
    EXPECT_TRUE(known.note(token(i, "x")));
    for (std::uint8_t back = 0; back < kCapacity && back < i; ++back) {
      EXPECT_FALSE(known.note(token(static_cast<std::uint8_t>(i - back), "y"))) << int{i};
    }
  }
  KnownTokens other(kCapacity);
  for (std::uint8_t i = 1; i <= 2 * kCapacity + 1; ++i) {
    EXPECT_TRUE(other.note(token(i, "x")));
  }
  EXPECT_TRUE(other.note(token(1, "y")));
}

// What stands in the ledger has its words, and is kept.
TEST(KnownTokens, WhatARecordNamesIsKnown) {
  KnownTokens known(4);
  const Token first = token(1, "x");
  known.recall({.id = first.claims.jti,
                .issuer = first.claims.iss,
                .payload = digest_text(payload_digest(first))});
  EXPECT_TRUE(known.knows(first));
  EXPECT_EQ(known.keeping(first), Keeping::kKept);
  EXPECT_TRUE(known.note(first));
  EXPECT_FALSE(known.note(token(1, "y")));
  EXPECT_EQ(known.keeping(token(2, "x")), Keeping::kNot);
  EXPECT_TRUE(known.note(token(2, "x")));
  known.set_keeping(token(2, "x"), Keeping::kUnderWay);
  EXPECT_EQ(known.keeping(token(2, "x")), Keeping::kUnderWay);
}

}  // namespace
}  // namespace pawl::ect
