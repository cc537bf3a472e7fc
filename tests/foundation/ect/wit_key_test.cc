#include "foundation/ect/wit_key.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace pawl::ect {
namespace {

constexpr const char* kWeb = "spiffe://partner.example/web";
constexpr std::int64_t kNow = 1'772'064'150;

const SigningKey& key(int number) {
  static const SigningKey keys[] = {SigningKey::generate(KeyKind::kP256).value(),
                                    SigningKey::generate(KeyKind::kP256).value(),
                                    SigningKey::generate(KeyKind::kEd25519).value()};
  return keys[number];
}

// A WIT of key 0; whoever signed it does not matter here.
std::string wit_of(const json::Object& more = {}, const std::string& kid = "") {
  json::Value jwk = json::parse(key(0).public_key().to_jwk())->value;
  jwk.as_object()["alg"] = "ES256";
  if (!kid.empty()) {
    jwk.as_object()["kid"] = kid;
  }
  json::Object claims{{"sub", kWeb}, {"exp", kNow + 60}, {"cnf", json::Object{{"jwk", jwk}}}};
  for (const auto& [name, value] : more) {
    claims[name] = value;
  }
  return jose::sign(key(1), "wit+jwt", "k", json::print(claims)).value();
}

Claims words(const std::string& iss = kWeb) {
  return {.iss = iss,
          .aud = {"spiffe://example.org/agent/a"},
          .iat = kNow,
          .exp = kNow + 300,
          .jti = Uuid::v7(WallTime{kNow * 1'000'000}, system_random()),
          .exec_act = "plan.step"};
}

TEST(WitKey, ATokenOfItsWorkloadVerifiesByIt) {
  const std::string thumbprint = key(0).public_key().thumbprint();
  struct Case {
    const char* name;
    std::string wit_kid;
    std::string token_kid;
  };
  for (const Case& one : {Case{"its kid", "w1", "w1"}, Case{"the thumbprint", "w1", thumbprint},
                          Case{"any kid, where the WIT has none", "", "w2"}}) {
    const Result<WitKey> wit = read_wit(wit_of({}, one.wit_kid));
    ASSERT_TRUE(wit) << wit.error().message;
    EXPECT_EQ(wit->subject, kWeb);
    const std::string compact = issue(key(0), one.token_kid, words()).value();
    EXPECT_TRUE(is_of_wit(compact, *wit)) << one.name;
    const Result<Token> token = verify_by_wit(compact, *wit, {});
    ASSERT_TRUE(token) << one.name << ": " << token.error().message;
    EXPECT_TRUE(is_of_wit(*token, *wit)) << one.name;
  }
}

TEST(WitKey, ATokenOfAnybodyElseDoesNot) {
  const WitKey wit = read_wit(wit_of({}, "w1")).value();
  struct Case {
    const char* name;
    std::string compact;
    bool is_named;
    const char* why;
  };
  const Case cases[] = {
      {"another issuer", issue(key(0), "w1", words("spiffe://partner.example/x")).value(), false,
       "unknown_key"},
      {"another kid", issue(key(0), "w2", words()).value(), false, "unknown_key"},
      {"another key", issue(key(1), "w1", words()).value(), true, "bad_signature"},
      {"another algorithm", issue(key(2), "w1", words()).value(), true, "bad_alg"},
      {"no token", "x.y.z", false, "malformed"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(is_of_wit(one.compact, wit), one.is_named) << one.name;
    const Result<Token> token = verify_by_wit(one.compact, wit, {.algorithms = {"ES256", "EdDSA"}});
    ASSERT_FALSE(token) << one.name;
    EXPECT_EQ(token.error().message.rfind(one.why, 0), 0U) << token.error().message;
  }
  const std::string good = issue(key(0), "w1", words()).value();
  EXPECT_FALSE(verify_by_wit(good, wit, {.algorithms = {"EdDSA"}})) << "not admitted here";
}

TEST(WitKey, WhatNamesNoKeyIsNoWit) {
  const json::Value jwk = json::parse(key(0).public_key().to_jwk())->value;
  json::Value other = jwk;
  other.as_object()["alg"] = "EdDSA";
  for (const std::string& wit :
       {std::string("x"), wit_of({{"sub", ""}}), wit_of({{"sub", 7}}), wit_of({{"cnf", 7}}),
        wit_of({{"cnf", json::Object{{"jkt", "x"}}}}),
        wit_of({{"cnf", json::Object{{"jwk", jwk}}}}),
        wit_of({{"cnf", json::Object{{"jwk", other}}}})}) {
    EXPECT_FALSE(read_wit(wit)) << wit;
  }
}

}  // namespace
}  // namespace pawl::ect
