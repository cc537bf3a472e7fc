#include "infrastructure/identity/jwt.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "tests/infrastructure/identity/desk.h"

namespace pawl::identity {
namespace {

TEST(Jwt, EveryClaimOfAJwtIsChecked) {
  struct Case {
    const char* name;
    std::function<void(json::Object&)> change;
    const char* why;  // empty: accepted
  };
  const Case cases[] = {
      {"as issued", [](json::Object&) {}, ""},
      {"SPIFFE ID as sub", [](json::Object& c) { c["sub"] = "spiffe://example.org/agent/triage"; },
       ""},
      {"aud as a list",
       [](json::Object& c) {
         c["aud"] = {"x", "https://gw.example.org/mcp"};
       },
       ""},
      {"exp 29 s ago", [](json::Object& c) { c["exp"] = kNow - 29; }, ""},
      {"exp 30 s ago", [](json::Object& c) { c["exp"] = kNow - 30; }, "jwt_expired"},
      {"nbf in 30 s", [](json::Object& c) { c["nbf"] = kNow + 30; }, ""},
      {"nbf in 31 s", [](json::Object& c) { c["nbf"] = kNow + 31; }, "jwt_not_yet"},
      {"iat in 31 s", [](json::Object& c) { c["iat"] = kNow + 31; }, "jwt_not_yet"},
      {"no iat", [](json::Object& c) { c.erase("iat"); }, ""},
      {"a fraction", [](json::Object& c) { c["exp"] = kNow + 0.5; }, ""},
      {"no exp", [](json::Object& c) { c.erase("exp"); }, "jwt_claims"},
      {"exp as text", [](json::Object& c) { c["exp"] = "2099"; }, "jwt_claims"},
      {"exp beyond all years", [](json::Object& c) { c["exp"] = 1e300; }, "jwt_claims"},
      {"a negative nbf", [](json::Object& c) { c["nbf"] = -1; }, "jwt_claims"},
      {"no iss", [](json::Object& c) { c.erase("iss"); }, "jwt_issuer"},
      {"another iss", [](json::Object& c) { c["iss"] = "https://issuer.example/"; }, "jwt_issuer"},
      {"no aud", [](json::Object& c) { c.erase("aud"); }, "jwt_audience"},
      {"another aud", [](json::Object& c) { c["aud"] = "https://gw.example.org"; }, "jwt_audience"},
      {"an empty list", [](json::Object& c) { c["aud"] = json::Array{}; }, "jwt_audience"},
      {"no sub", [](json::Object& c) { c.erase("sub"); }, "jwt_claims"},
      {"an empty sub", [](json::Object& c) { c["sub"] = ""; }, "jwt_claims"},
      {"an unknown sub", [](json::Object& c) { c["sub"] = "other"; }, "unknown_agent"},
      {"a foreign SPIFFE ID",
       [](json::Object& c) { c["sub"] = "spiffe://example.com/agent/triage"; }, "unknown_agent"},
      {"groups as text", [](json::Object& c) { c["groups"] = "admins"; }, "jwt_claims"},
      {"an empty group", [](json::Object& c) { c["groups"] = json::Array{""}; }, "jwt_claims"},
      {"a user that is no text", [](json::Object& c) { c["user"] = 7; }, "jwt_claims"},
  };
  for (const Case& one : cases) {
    Desk desk;
    json::Object claims = good_claims();
    one.change(claims);
    const Result<Caller> caller = desk.ask({.authorization = jwt(claims)});
    EXPECT_EQ(caller ? "" : refusal_name(desk.refusals.at(0).first), one.why) << one.name;
  }
}

TEST(Jwt, AJwtIsOfTheRightTypeAlgorithmAndKey) {
  struct Case {
    const char* name;
    std::string field;
    const char* why;
  };
  const json::Object claims = good_claims();
  const std::string good = jwt(claims);
  const std::string none = "Bearer " + base64url_encode(R"({"alg":"none","typ":"JWT"})") + "." +
                           base64url_encode(json::print(json::Value(claims))) + ".";
  const Case cases[] = {
      {"typ JWT", jwt(claims, 0, "k0", "JWT"), ""},
      {"typ as a media type", jwt(claims, 0, "k0", "application/AT+jwt"), ""},
      {"an Execution Context Token is no credential", jwt(claims, 0, "k0", "exec+jwt"), "jwt_type"},
      {"an operator's statement is no credential", jwt(claims, 0, "k0", "override+jwt"),
       "jwt_type"},
      {"no typ", jwt(claims, 0, "k0", ""), "jwt_type"},
      {"an algorithm outside the list", jwt(claims, 2, "k2"), "jwt_algorithm"},
      {"no kid, several keys", jwt(claims, 0, ""), "jwt_key"},
      {"an unknown kid", jwt(claims, 0, "k9"), "jwt_key"},
      {"another's key under this kid", jwt(claims, 1, "k0"), "jwt_signature"},
      {"the wrong kind of key under this kid", jwt(claims, 0, "k2"), "jwt_signature"},
      {"cut", good.substr(0, good.size() - 2), "jwt_signature"},
      {"alg none", none, "jwt_malformed"},
      {"three parts of nonsense", "Bearer a.b.c", "jwt_malformed"},
  };
  for (const Case& one : cases) {
    Desk desk;
    const Result<Caller> caller = desk.ask({.authorization = one.field});
    EXPECT_EQ(caller ? "" : refusal_name(desk.refusals.at(0).first), one.why) << one.name;
  }
}

TEST(Jwt, GroupsAndUserOfAJwtAreAdded) {
  Desk desk;
  json::Object claims = good_claims();
  claims["groups"] = {"zeta", "alpha", "vendor-a"};
  claims["user"] = "alice";
  const Result<Caller> caller =
      desk.ask({.authorization = jwt(claims), .asserted = {{"client", "inspector"}}});
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->groups, (std::vector<std::string>{"alpha", "vendor-a", "zeta"}));
  EXPECT_EQ(caller->on_behalf_of, "alice");
  EXPECT_EQ(caller->asserted.at("client"), "inspector");
}

// RFC 8693, section 4.1: sub is for whom, act.sub who acts, and who acted before decides nothing.
TEST(Jwt, OfADelegationTheActingPartyCallsAndTheChainIsKept) {
  Desk desk;
  desk.options.issuers.front().agent_claim = kActingParty;
  desk.options.issuers.front().on_behalf_of_claim = "sub";
  json::Object claims = good_claims();
  claims["sub"] = "alice";
  claims["act"] = {{"sub", "triage"},
                   {"iss", kIssuer},
                   {"act", {{"sub", "deploy"}, {"client_id", "passed over"}}}};
  const Result<Caller> caller = desk.ask({.authorization = jwt(claims)});
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->agent, "triage");
  EXPECT_EQ(caller->on_behalf_of, "alice");
  ASSERT_EQ(caller->actors.size(), 2u);
  EXPECT_EQ(caller->actors[0].sub, "triage");
  EXPECT_EQ(caller->actors[0].iss, kIssuer);
  EXPECT_EQ(caller->actors[1].sub, "deploy");
  EXPECT_EQ(caller->actors[1].iss, "");

  claims["act"] = {{"sub", "triage"}, {"iss", "https://b.example"}};
  expect_refused(desk, {.authorization = jwt(claims)}, Refusal::kJwtClaims, "another's triage");
  claims.erase("act");
  expect_refused(desk, {.authorization = jwt(claims)}, Refusal::kJwtClaims, "nobody acts");
  claims["act.sub"] = "triage";
  expect_refused(desk, {.authorization = jwt(claims)}, Refusal::kJwtClaims, "a claim of that name");
}

TEST(Jwt, ADelegationIsWellFormedAndBounded) {
  const auto chain = [](std::size_t actors, const std::string& name) {
    json::Value act;
    for (std::size_t i = 0; i < actors; ++i) {
      json::Object actor{{"sub", name}};
      if (!act.is_null()) {
        actor["act"] = act;
      }
      act = actor;
    }
    return act;
  };
  struct Case {
    const char* name;
    std::string claim;
    json::Value act;
    bool is_good;
  };
  const Case cases[] = {
      {"eight actors", "act.sub", chain(8, "triage"), true},
      {"nine actors", "act.sub", chain(9, "triage"), false},
      {"names that are too long", "user", chain(2, std::string(513, 'x')), false},
      {"names that just fit", "user", chain(2, std::string(512, 'x')), true},
      {"the subject would pass for the one who acts", "sub", chain(1, "deploy"), false},
      {"a text", "user", "triage", false},
      {"an actor without sub", "user", json::Object{{"iss", "https://b.example"}}, false},
      {"a sub that is no text", "user", json::Object{{"sub", 7}}, false},
      {"an empty sub", "user", json::Object{{"sub", ""}}, false},
      {"an iss that is no text", "user", json::Object{{"sub", "x"}, {"iss", 7}}, false},
      {"an inner act that is no object", "user", json::Object{{"sub", "x"}, {"act", 1}}, false},
      {"an actor that is no configured agent", "act.sub", chain(1, "alice"), false},
  };
  for (const Case& one : cases) {
    Desk desk;
    desk.options.issuers.front().agent_claim = one.claim;
    json::Object claims = good_claims();
    claims["user"] = "triage";
    claims["act"] = one.act;
    EXPECT_EQ(desk.ask({.authorization = jwt(claims)}).has_value(), one.is_good) << one.name;
  }
}

TEST(Jwt, KeysThatCannotBeHadRefuse) {
  Desk desk;
  desk.options.issuers.front().keys = std::make_shared<FixedKeys>("");
  expect_refused(desk, {.authorization = jwt(good_claims())}, Refusal::kJwtNoKeys, "no keys");
}

TEST(Jwt, ASingleKeyNeedsNoKid) {
  Desk desk;
  desk.options.issuers.front().keys =
      std::make_shared<FixedKeys>(R"({"keys":[)" + jwk(0, "k0") + "]}");
  EXPECT_TRUE(desk.ask({.authorization = jwt(good_claims(), 0, "")}));
}

TEST(Jwt, AnUnknownKidLetsTheSourceLookAgainOnce) {
  Desk desk;
  const json::Object claims = good_claims();
  desk.keys->next = std::make_shared<const jose::JwkSet>(
      jose::JwkSet::parse(R"({"keys":[)" + jwk(1, "k1") + "]}").value());
  EXPECT_TRUE(desk.ask({.authorization = jwt(claims, 1, "k1")}));
  EXPECT_EQ(desk.keys->asked, 1);
}

TEST(Jwt, ATokenOfOneIssuerIsNotJudgedByAnothersKeys) {
  Desk desk;
  JwtIssuer other = desk.options.issuers.front();
  other.issuer = "https://other.example";
  other.keys = std::make_shared<FixedKeys>(R"({"keys":[)" + jwk(1, "k0") + "]}");
  desk.options.issuers.push_back(other);
  expect_refused(desk, {.authorization = jwt(good_claims(), 1, "k0")}, Refusal::kJwtSignature,
                 "signed by the other issuer");
}

}  // namespace
}  // namespace pawl::identity
