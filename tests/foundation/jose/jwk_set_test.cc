#include "foundation/jose/jwk_set.h"

#include <gtest/gtest.h>

#include "tests/foundation/crypto/vectors.h"

namespace pawl::jose {
namespace {

// A key's JWK with more members, given as JSON text: "\"kid\":\"a\"".
std::string jwk(const PublicKey& key, const std::string& members) {
  const std::string text = key.to_jwk();
  return members.empty() ? text : "{" + members + "," + text.substr(1);
}

std::string set_of(const std::vector<std::string>& jwks) {
  std::string text = R"({"keys":[)";
  for (const std::string& one : jwks) {
    text += (text.back() == '[' ? "" : ",") + one;
  }
  return text + "]}";
}

PublicKey new_key(KeyKind kind = KeyKind::kP256) {
  return SigningKey::generate(kind)->public_key();
}

TEST(JwkSetTest, FindsByKidAndByThumbprint) {
  const PublicKey a = new_key();
  const PublicKey b = new_key(KeyKind::kEd25519);
  const Result<JwkSet> set =
      JwkSet::parse(set_of({jwk(a, R"("kid":"a","use":"sig")"), jwk(b, "")}));
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->size(), 2u);
  ASSERT_NE(set->find("a"), nullptr);
  EXPECT_EQ(set->find("a")->thumbprint(), a.thumbprint());
  ASSERT_NE(set->find(b.thumbprint()), nullptr);
  EXPECT_EQ(set->find("A"), nullptr);
  EXPECT_EQ(set->find("unknown"), nullptr);
  EXPECT_EQ(set->find(""), nullptr);  // which of the two would be a guess
}

TEST(JwkSetTest, AnEmptyKidMatchesTheOnlyKey) {
  const PublicKey a = new_key();
  const Result<JwkSet> set =
      JwkSet::parse(set_of({jwk(a, R"("kid":"a")"), R"({"kty":"oct","k":"AA"})"}));
  ASSERT_TRUE(set.has_value());
  ASSERT_NE(set->find(""), nullptr);
  EXPECT_EQ(set->find("")->thumbprint(), a.thumbprint());
}

TEST(JwkSetTest, UnusableKeysAreSkippedAndCounted) {
  const PublicKey a = new_key();
  const PublicKey good = new_key();
  const std::string skipped[] = {
      R"({"kty":"oct","k":"c2VjcmV0","kid":"x"})",
      R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AA"})",
      R"("no object")",
      jwk(a, R"("kid":"x","d":"AA")"),
      jwk(a, R"("kid":"x","use":"enc")"),
      jwk(a, R"("kid":"x","use":["sig"])"),
      jwk(a, R"("kid":"x","key_ops":["encrypt"])"),
      jwk(a, R"("kid":"x","key_ops":"verify")"),
      jwk(a, R"("kid":"x","alg":"HS256")"),
      jwk(a, R"("kid":"x","alg":"RS256")"),
      jwk(a, R"("kid":"x","alg":"ECDH-ES")"),
      jwk(a, R"("kid":7)"),
  };
  for (const std::string& one : skipped) {
    const Result<JwkSet> set = JwkSet::parse(set_of({one, jwk(good, R"("kid":"good")")}));
    ASSERT_TRUE(set.has_value()) << one;
    EXPECT_EQ(set->skipped(), 1u) << one;
    EXPECT_EQ(set->size(), 1u) << one;
    EXPECT_EQ(set->find("x"), nullptr) << one;
  }
  EXPECT_TRUE(JwkSet::parse(set_of({jwk(a, R"("alg":"ES256","key_ops":["verify"])")})).has_value());
}

TEST(JwkSetTest, BadSetsAreErrors) {
  const PublicKey a = new_key();
  const PublicKey b = new_key();
  struct Case {
    const char* name;
    std::string text;
    Code code;
  };
  const Case cases[] = {
      {"empty text", "", Code::kMalformed},
      {"no set", a.to_jwk(), Code::kMalformed},
      {"keys no array", R"({"keys":{}})", Code::kMalformed},
      {"empty set", R"({"keys":[]})", Code::kMalformed},
      {"nothing usable", R"({"keys":[{"kty":"oct","k":"AA"}]})", Code::kMalformed},
      {"two keys of one kid", set_of({jwk(a, R"("kid":"k")"), jwk(b, R"("kid":"k")")}),
       Code::kMalformed},
      {"keys twice", R"({"keys":[],"keys":[]})", Code::kMalformed},
      {"bytes after", set_of({a.to_jwk()}) + "x", Code::kMalformed},
      {"too many", set_of(std::vector<std::string>(1001, "0")), Code::kTooLarge},
      {"too large", std::string(1024 * 1024 + 1, ' '), Code::kTooLarge},
  };
  for (const Case& c : cases) {
    const Result<JwkSet> set = JwkSet::parse(c.text);
    ASSERT_FALSE(set.has_value()) << c.name;
    EXPECT_EQ(set.error().code, c.code) << c.name << ": " << set.error().message;
  }
}

}  // namespace
}  // namespace pawl::jose
