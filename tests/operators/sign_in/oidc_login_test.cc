#include "operators/sign_in/oidc_login.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "tests/support/seeded_random.h"

namespace pawl::sign_in {
namespace {

constexpr std::int64_t kNow = 1'795'464'000;
constexpr WallTime kWall{kNow * 1'000'000};
constexpr const char* kNonce = "eDd7UldXtJRCf4kBT5fXmSjzk40U61HiD7XeyYNOswQ";

BootTime at(std::int64_t seconds) {
  return BootTime{(1000 + seconds) * 1'000'000};
}

class Keys final : public identity::KeySource {
 public:
  explicit Keys(std::vector<std::pair<std::string, PublicKey>> keys) {
    json::Array list;
    for (const auto& [kid, key] : keys) {
      json::Object jwk = json::parse(key.to_jwk())->value.get_object();
      jwk["kid"] = kid;
      list.emplace_back(std::move(jwk));
    }
    json::Object set;
    set["keys"] = std::move(list);
    set_ = std::make_shared<const jose::JwkSet>(*jose::JwkSet::parse(json::print(set)));
  }
  std::shared_ptr<const jose::JwkSet> keys() override { return set_; }
  void unknown_key() override { ++asked_; }
  int asked_ = 0;

 private:
  std::shared_ptr<const jose::JwkSet> set_;
};

class OidcLoginTest : public testing::Test {
 protected:
  OidcLoginTest() {
    provider_.issuer = "https://idp.example.org";
    provider_.authorization_url = "https://idp.example.org/auth";
    provider_.token_url = "https://idp.example.org/token";
    provider_.redirect_url = "https://pawl.example.org/api/v1/session/oidc/callback";
    provider_.client_id = "pawl";
    provider_.client_secret = "s:e cret";
    provider_.name_claim = "preferred_username";
    provider_.roles = {{"groups", "ops", *parse_grant("operator")},
                       {"groups", "files", *parse_grant("approver@server:files")},
                       {"department", "audit", *parse_grant("auditor")}};
  }

  static json::Object good_claims() {
    json::Object out{{"iss", "https://idp.example.org"},
                     {"aud", "pawl"},
                     {"sub", "8f14e45f"},
                     {"preferred_username", "ada"},
                     {"exp", kNow + 60},
                     {"iat", kNow},
                     {"nonce", kNonce}};
    out["groups"] = json::Array{"staff", "ops"};
    return out;
  }

  std::string token(const json::Object& claims, const char* typ = "JWT", const char* kid = "k1") {
    return *jose::sign(key_, typ, kid, json::print(claims));
  }

  Result<Person> read(const std::string& text, const char* nonce = kNonce) {
    return read_id_token(text, provider_, keys_, nonce, kWall);
  }

  SigningKey key_ = *SigningKey::generate(KeyKind::kP256);
  SigningKey other_ = *SigningKey::generate(KeyKind::kP256);
  Keys keys_{{{"k1", key_.public_key()}, {"k2", other_.public_key()}}};
  Provider provider_;
};

TEST_F(OidcLoginTest, OneClaimWrongEachIsRefused) {
  const struct {
    const char* name;
    std::function<void(json::Object&)> change;
    const char* outcome;
  } cases[] = {
      {"as issued", [](json::Object&) {}, "valid"},
      {"aud in a list", [](json::Object& c) { c["aud"] = json::Array{"pawl"}; }, "valid"},
      {"two audiences, and ours by azp",
       [](json::Object& c) {
         c["aud"] = json::Array{"pawl", "other"};
         c["azp"] = "pawl";
       },
       "valid"},
      {"a text in place of a list", [](json::Object& c) { c["groups"] = "ops"; }, "valid"},
      {"another iss", [](json::Object& c) { c["iss"] = "https://idp.example.org/"; },
       "token_invalid"},
      {"no iss", [](json::Object& c) { c.erase("iss"); }, "token_invalid"},
      {"another aud", [](json::Object& c) { c["aud"] = "other"; }, "token_invalid"},
      {"no aud", [](json::Object& c) { c.erase("aud"); }, "token_invalid"},
      {"two audiences without azp",
       [](json::Object& c) {
         c["aud"] = json::Array{"pawl", "other"};
       },
       "token_invalid"},
      {"azp of another client", [](json::Object& c) { c["azp"] = "other"; }, "token_invalid"},
      {"azp that is no text", [](json::Object& c) { c["azp"] = 1; }, "token_invalid"},
      {"expired", [](json::Object& c) { c["exp"] = kNow - 30; }, "token_invalid"},
      {"no exp", [](json::Object& c) { c.erase("exp"); }, "token_invalid"},
      {"from the future", [](json::Object& c) { c["iat"] = kNow + 31; }, "token_invalid"},
      {"not yet", [](json::Object& c) { c["nbf"] = kNow + 31; }, "token_invalid"},
      {"another nonce", [](json::Object& c) { c["nonce"] = "another"; }, "token_invalid"},
      {"no nonce", [](json::Object& c) { c.erase("nonce"); }, "token_invalid"},
      {"a nonce that is no text", [](json::Object& c) { c["nonce"] = 1; }, "token_invalid"},
      {"no sub", [](json::Object& c) { c.erase("sub"); }, "token_invalid"},
      {"an empty sub", [](json::Object& c) { c["sub"] = ""; }, "token_invalid"},
      {"a sub that is no text", [](json::Object& c) { c["sub"] = 7; }, "token_invalid"},
      {"a sub of 255 characters", [](json::Object& c) { c["sub"] = std::string(255, 'x'); },
       "valid"},
      {"a longer sub", [](json::Object& c) { c["sub"] = std::string(256, 'x'); }, "token_invalid"},
      {"a sub with a zero byte", [](json::Object& c) { c["sub"] = std::string("a\0b", 3); },
       "token_invalid"},
      {"no name", [](json::Object& c) { c.erase("preferred_username"); }, "token_invalid"},
      {"a name with a space", [](json::Object& c) { c["preferred_username"] = "ada l"; },
       "token_invalid"},
      {"a name of control characters",
       [](json::Object& c) { c["preferred_username"] = "ada\x1b[2J"; }, "token_invalid"},
      {"in no group", [](json::Object& c) { c.erase("groups"); }, "forbidden"},
      {"in other groups",
       [](json::Object& c) {
         c["groups"] = json::Array{"opsx", "op"};
       },
       "forbidden"},
      {"a role by its own words",
       [](json::Object& c) {
         c.erase("groups");
         c["roles"] = json::Array{"operator", "admin"};
       },
       "forbidden"},
  };
  for (const auto& one : cases) {
    json::Object claims = good_claims();
    one.change(claims);
    const Result<Person> person = read(token(claims));
    EXPECT_EQ(person ? "valid" : std::string(code_name(person.error().code)), one.outcome)
        << one.name << (person ? "" : ": " + person.error().message);
  }
}

TEST_F(OidcLoginTest, RolesComeFromTheConfigurationByClaim) {
  json::Object claims = good_claims();
  claims["groups"] = json::Array{"ops", "files", "ops"};
  claims["department"] = "audit";
  const Result<Person> person = read(token(claims));
  ASSERT_TRUE(person);
  EXPECT_EQ(person->name, "ada");
  EXPECT_EQ(person->method, "oidc");
  ASSERT_EQ(person->grants.size(), 3u);
  EXPECT_EQ(print_grant(person->grants[1]), "approver@server:files");
}

TEST_F(OidcLoginTest, AnIdTokenIsOfTheRightTypeAlgorithmAndKey) {
  const std::string good = token(good_claims());
  EXPECT_TRUE(read(good));
  EXPECT_TRUE(read(token(good_claims(), "")));  // `typ` may be left out
  EXPECT_FALSE(read(token(good_claims(), "at+jwt")));
  EXPECT_FALSE(read(token(good_claims(), "logout+jwt")));
  EXPECT_FALSE(read(token(good_claims(), "JWT", "k2")));  // of another key under its name
  EXPECT_FALSE(read(token(good_claims(), "JWT", "")));
  EXPECT_FALSE(read(token(good_claims(), "JWT", "k3")));
  EXPECT_EQ(keys_.asked_, 1);  // the keys may have changed
  EXPECT_FALSE(read("x" + good));
  EXPECT_FALSE(read(base64url_encode(R"({"alg":"none"})") + "." +
                    base64url_encode(json::print(good_claims())) + "."));
  provider_.algorithms = {"RS256"};
  EXPECT_FALSE(read(good));
}

TEST_F(OidcLoginTest, ComesBackOnceAndToTheBrowserThatBegan) {
  SeededRandom random;
  PendingLogins logins(random);
  const PendingLogins::Begun one = logins.begin(at(0));
  const PendingLogins::Begun other = logins.begin(at(0));
  EXPECT_EQ(one.state.size(), 43u);
  EXPECT_FALSE(logins.take(one.state, other.binding, at(1)));  // somebody else's answer
  EXPECT_FALSE(logins.take(one.state, "", at(1)));
  EXPECT_FALSE(logins.take("", one.binding, at(1)));
  const auto taken = logins.take(one.state, one.binding, at(1));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->nonce, one.nonce);
  EXPECT_FALSE(logins.take(one.state, one.binding, at(1)));
  EXPECT_FALSE(logins.take(other.state, other.binding, at(600)));
  const PendingLogins::Begun oldest = logins.begin(at(600));
  for (std::size_t i = 0; i < PendingLogins::kMost; ++i) {
    logins.begin(at(601));
  }
  EXPECT_FALSE(logins.take(oldest.state, oldest.binding, at(601)));
}

TEST_F(OidcLoginTest, WhatIsAskedAndAnswered) {
  SeededRandom random;
  PendingLogins logins(random);
  const PendingLogins::Begun begun = logins.begin(at(0));
  const std::string url = authorization_url(provider_, begun);
  ASSERT_TRUE(url.starts_with("https://idp.example.org/auth?"));
  const Fields asked = *parse_fields(url.substr(url.find('?') + 1));
  EXPECT_EQ(asked.at("response_type"), "code");
  EXPECT_EQ(asked.at("client_id"), "pawl");
  EXPECT_EQ(asked.at("redirect_uri"), provider_.redirect_url);
  EXPECT_EQ(asked.at("scope"), "openid");
  EXPECT_EQ(asked.at("state"), begun.state);
  EXPECT_EQ(asked.at("nonce"), begun.nonce);
  EXPECT_EQ(asked.at("code_challenge_method"), "S256");
  EXPECT_EQ(asked.at("code_challenge"), digest_text(sha256(begun.verifier)));
  EXPECT_EQ(url.find(begun.verifier), std::string::npos);
  EXPECT_EQ(url.find(begun.binding), std::string::npos);

  const TokenRequest request = token_request(provider_, "a code", begun.verifier);
  const Fields sent = *parse_fields(request.body);
  EXPECT_EQ(sent.at("grant_type"), "authorization_code");
  EXPECT_EQ(sent.at("code"), "a code");
  EXPECT_EQ(sent.at("code_verifier"), begun.verifier);
  EXPECT_EQ(sent.at("redirect_uri"), provider_.redirect_url);
  EXPECT_EQ(request.authorization, "Basic " + base64_encode("pawl:s%3Ae%20cret"));
  EXPECT_EQ(*token_of(R"({"id_token":"a.b.c","access_token":"x"})"), "a.b.c");
  for (const char* answer : {"", "{}", R"({"id_token":1})", R"({"id_token":"a","id_token":"b"})"}) {
    EXPECT_FALSE(token_of(answer)) << answer;
  }
}

TEST_F(OidcLoginTest, TheAnswerIsTheProvidersOwn) {
  const auto answer = [this](const char* query) {
    const Result<Fields> fields = parse_fields(query);
    const Result<std::string> code =
        fields ? check_callback(provider_, *fields) : Result<std::string>(fail(fields.error()));
    return code ? *code : std::string("refused");
  };
  EXPECT_EQ(answer("code=c%2F1&state=s&iss=https%3A%2F%2Fidp.example.org"), "c/1");
  EXPECT_EQ(answer("code=c&state=s"), "refused");
  EXPECT_EQ(answer("code=c&state=s&iss=https%3A%2F%2Fevil.example"), "refused");
  EXPECT_EQ(answer("state=s&iss=https://idp.example.org"), "refused");
  EXPECT_EQ(answer("code=&state=s&iss=https://idp.example.org"), "refused");
  EXPECT_EQ(answer("error=access_denied&code=c&iss=https://idp.example.org"), "refused");
  EXPECT_EQ(answer("code=c&code=d&state=s&iss=https://idp.example.org"), "refused");
  EXPECT_EQ(answer("code=%zz&iss=https://idp.example.org"), "refused");
  provider_.must_name_itself = false;
  EXPECT_EQ(answer("code=c&state=s"), "c");
  EXPECT_EQ(answer("code=c&state=s&iss=https://evil.example"), "refused");
}

TEST(FormFields, HaveBounds) {
  EXPECT_TRUE(parse_fields("")->empty());
  EXPECT_EQ(parse_fields("a+b=c%20d&e")->at("a b"), "c d");
  EXPECT_EQ(parse_fields("a+b=c%20d&e")->at("e"), "");
  std::string many;
  for (std::size_t i = 0; i <= kMostFields; ++i) {
    many += "f" + std::to_string(i) + "=1&";
  }
  EXPECT_FALSE(parse_fields(many));
  EXPECT_FALSE(parse_fields("a=" + std::string(kMostFieldBytes, 'x')));
  EXPECT_FALSE(parse_fields("a=%4"));
  EXPECT_FALSE(parse_fields("a=%"));
}

}  // namespace
}  // namespace pawl::sign_in
