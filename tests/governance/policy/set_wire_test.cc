#include "governance/policy/set_wire.h"

#include <gtest/gtest.h>

#include "foundation/records/names.h"

namespace pawl {
namespace {

const SetStatement kSaid{"main",
                         "ops@example.org",
                         7,
                         std::string(43, 'd'),
                         std::string(43, 'b'),
                         "spiffe://example.org/pawl/gw1",
                         1'771'000'000};

SigningKey make_key() {
  return *SigningKey::generate(KeyKind::kP256);
}

TEST(SetWire, SaysWhatWasSigned) {
  const SigningKey key = make_key();
  const std::string token = *sign_set(kSaid, key);
  const std::vector<Operator> people = {
      {"ann", key.public_key(), key.public_key().thumbprint(), {"admin"}}};
  const Result<VerifiedSet> said = verify_set(token, people, kSaid.audience, kSaid.iat);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->operator_name, "ann");
  EXPECT_EQ(said->statement.name, kSaid.name);
  EXPECT_EQ(said->statement.owner, kSaid.owner);
  EXPECT_EQ(said->statement.version, 7);
  EXPECT_EQ(said->statement.digest, kSaid.digest);
  EXPECT_EQ(said->statement.before, kSaid.before);
  EXPECT_EQ(said->token, token);
  EXPECT_LT(token.size(), 1000u);
  EXPECT_TRUE(verify_set(token, people, kSaid.audience, kSaid.iat - 30));
  EXPECT_FALSE(verify_set(token, people, kSaid.audience, kSaid.iat - 31));
  EXPECT_FALSE(verify_set(token, {}, kSaid.audience, kSaid.iat));
}

TEST(SetWire, RefusesWhatIsNoStatement) {
  const SigningKey key = make_key();
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"no set", R"({"aud":"a","iat":1})"},
      {"version as text",
       R"({"aud":"a","iat":1,"set":{"name":"n","owner":"o","version":"1","digest":"DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD","before":""}})"},
      {"version 0",
       R"({"aud":"a","iat":1,"set":{"name":"n","owner":"o","version":0,"digest":"DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD","before":""}})"},
      {"a short digest",
       R"({"aud":"a","iat":1,"set":{"name":"n","owner":"o","version":1,"digest":"DD","before":""}})"},
      {"no before",
       R"({"aud":"a","iat":1,"set":{"name":"n","owner":"o","version":1,"digest":"DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"}})"},
      {"no aud",
       R"({"iat":1,"set":{"name":"n","owner":"o","version":1,"digest":"DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD","before":""}})"},
  };
  for (const auto& [name, payload] : cases) {
    const auto jws = jose::decode(*jose::sign(key, names::kTypPolicy, "k", payload));
    EXPECT_FALSE(read_set_statement(*jws)) << name;
  }
  const auto other = jose::decode(*jose::sign(
      key, names::kTypOverride, "k",
      R"({"aud":"a","iat":1,"set":{"name":"n","owner":"o","version":1,"digest":"DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD","before":""}})"));
  EXPECT_FALSE(read_set_statement(*other));
}

}  // namespace
}  // namespace pawl
