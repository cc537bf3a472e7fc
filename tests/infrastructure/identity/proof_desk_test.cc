// Proofs of possession as the Authenticator judges them: DPoP (RFC 9449), WIT and WPT (WIMSE).
#include "infrastructure/identity/proof_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/encoding.h"
#include "tests/infrastructure/identity/desk.h"

namespace pawl::identity {
namespace {

constexpr std::string_view kUrl = "https://gw.example.org/mcp/files";

json::Value jwk_value(int number) {
  return json::parse(key(number).public_key().to_jwk())->value;
}

std::string signed_jwt(const json::Object& header, const json::Object& claims, int with) {
  return jose::sign_under(base64url_encode(json::print(header)), key(with), json::print(claims))
      .value();
}

// A request with everything in order, and the parts that a test changes before it is made.
struct Shown {
  json::Object token = good_claims();  // access token or WIT
  json::Object header;                 // of the proof
  json::Object claims;                 // of the proof
  int signer = 1;                      // of the proof
  std::string scheme;
  http::Request request;
  std::function<void(http::Headers&)> fields = [](http::Headers&) {};
};

Shown dpop_request() {
  Shown out;
  out.token["cnf"] = json::Object{{"jkt", key(1).public_key().thumbprint()}};
  out.header = {{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", jwk_value(1)}};
  out.claims = {{"jti", "proof-1"}, {"htm", "POST"}, {"htu", kUrl}, {"iat", kNow - 1}};
  out.scheme = "DPoP ";
  out.request.method = "POST";
  out.request.path = "/mcp/files";
  out.request.headers.add("Host", "gw.example.org");
  out.request.peer.tls = true;
  return out;
}

Shown wimse_request() {
  Shown out = dpop_request();
  json::Value jwk = jwk_value(1);
  jwk.as_object()["alg"] = "ES256";
  out.token = {{"sub", "spiffe://partner.example/web"},
               {"exp", kNow + 3600},
               {"cnf", json::Object{{"jwk", jwk}}}};
  out.header = {{"typ", "wpt+jwt"}, {"alg", "ES256"}};
  out.claims = {{"jti", "wpt-1"}, {"aud", kUrl}, {"exp", kNow + 60}};
  out.scheme = "WPT ";
  return out;
}

Desk proof_desk() {
  Desk desk;
  desk.options.trust_domains = {{"partner.example", desk.keys, {"ES256"}}};
  desk.options.agents[0].identities = {"spiffe://partner.example/web"};
  desk.options.proofs.allowed_hosts = {"gw.example.org"};
  return desk;
}

void add_unless_there(json::Object& claims, std::string_view name, const std::string& value) {
  if (!claims.contains(name)) {
    claims[name] = value;
  }
}

Credentials make_dpop(Shown& shown) {
  const std::string token = jwt(shown.token).substr(7);
  add_unless_there(shown.claims, "ath", token_hash(token));
  shown.request.headers.add("DPoP", signed_jwt(shown.header, shown.claims, shown.signer));
  shown.fields(shown.request.headers);
  return {.authorization = shown.scheme + token, .request = &shown.request};
}

Credentials make_wimse(Shown& shown) {
  const std::string wit =
      jose::sign(key(0), "wit+jwt", "k0", json::print(json::Value(shown.token))).value();
  add_unless_there(shown.claims, "wth", token_hash(wit));
  shown.request.headers.add(kFieldWit, wit);
  const std::string proof = signed_jwt(shown.header, shown.claims, shown.signer);
  Credentials out{.authorization = {}, .request = &shown.request};
  if (shown.scheme.empty()) {
    shown.request.headers.add(kFieldWpt, proof);
  } else {
    out.authorization = shown.scheme + proof;
  }
  shown.fields(shown.request.headers);
  return out;
}

// As a good one, but signed by somebody else.
std::string forged_wit() {
  const Shown shown = wimse_request();
  return jose::sign(key(1), "wit+jwt", "k0", json::print(json::Value(shown.token))).value();
}

struct Case {
  const char* name;
  std::function<void(Shown&)> change;
  const char* why;  // empty: accepted
};

void judge(const Case& one, Shown shown, Credentials (*make)(Shown&), Caller::Proof proof) {
  Desk desk = proof_desk();
  one.change(shown);
  const Result<Caller> caller = desk.ask(make(shown));
  ASSERT_EQ(caller ? "" : refusal_name(desk.refusals.at(0).first), one.why) << one.name;
  if (caller) {
    EXPECT_EQ(caller->agent, "triage") << one.name;
    EXPECT_EQ(caller->proof, proof) << one.name;
  }
}

TEST(Dpop, EachRuleOfTheStandardIsHeldTo) {
  const Case cases[] = {
      {"as made", [](Shown&) {}, ""},
      {"scheme in another case", [](Shown& s) { s.scheme = "dpop "; }, ""},
      {"URL with a query", [](Shown& s) { s.claims["htu"] = std::string(kUrl) + "?x"; }, ""},
      {"no proof", [](Shown& s) { s.fields = [](auto& h) { h.remove("DPoP"); }; }, "proof_missing"},
      {"two proofs", [](Shown& s) { s.fields = [](auto& h) { h.add("DPoP", "x"); }; },
       "proof_missing"},
      {"no JWT", [](Shown& s) { s.fields = [](auto& h) { h.set("DPoP", "x"); }; },
       "proof_malformed"},
      {"two in one field",
       [](Shown& s) {
         s.fields = [](auto& h) { h.set("DPoP", std::string(*h.get("DPoP")) + ", x.y.z"); };
       },
       "proof_malformed"},
      {"typ JWT", [](Shown& s) { s.header["typ"] = "JWT"; }, "proof_type"},
      {"alg none", [](Shown& s) { s.header["alg"] = "none"; }, "proof_malformed"},
      {"a MAC", [](Shown& s) { s.header["alg"] = "HS256"; }, "proof_malformed"},
      {"an algorithm outside the issuer's list", [](Shown& s) { s.header["alg"] = "EdDSA"; },
       "proof_algorithm"},
      {"no key", [](Shown& s) { s.header.erase("jwk"); }, "proof_key"},
      {"a private key", [](Shown& s) { s.header["jwk"].as_object()["d"] = std::string(43, 'A'); },
       "proof_key"},
      {"another key",
       [](Shown& s) {
         s.header["jwk"] = jwk_value(0);
         s.signer = 0;
       },
       "proof_key"},
      {"signed by another key", [](Shown& s) { s.signer = 0; }, "proof_signature"},
      {"no jti", [](Shown& s) { s.claims.erase("jti"); }, "proof_malformed"},
      {"a long jti", [](Shown& s) { s.claims["jti"] = std::string(257, 'a'); }, "proof_malformed"},
      {"no iat", [](Shown& s) { s.claims.erase("iat"); }, "proof_malformed"},
      {"iat with a fraction", [](Shown& s) { s.claims["iat"] = static_cast<double>(kNow) - 0.5; },
       "proof_malformed"},
      {"no htm", [](Shown& s) { s.claims.erase("htm"); }, "proof_malformed"},
      {"another method", [](Shown& s) { s.claims["htm"] = "GET"; }, "proof_method"},
      {"the method in lower case", [](Shown& s) { s.claims["htm"] = "post"; }, "proof_method"},
      {"no htu", [](Shown& s) { s.claims.erase("htu"); }, "proof_malformed"},
      {"another path", [](Shown& s) { s.claims["htu"] = "https://gw.example.org/mcp"; },
       "proof_target"},
      {"over http", [](Shown& s) { s.claims["htu"] = "http://gw.example.org/mcp/files"; },
       "proof_target"},
      {"made 300 s ago", [](Shown& s) { s.claims["iat"] = kNow - 300; }, ""},
      {"made 301 s ago", [](Shown& s) { s.claims["iat"] = kNow - 301; }, "proof_time"},
      {"made in 30 s", [](Shown& s) { s.claims["iat"] = kNow + 30; }, ""},
      {"made in 31 s", [](Shown& s) { s.claims["iat"] = kNow + 31; }, "proof_time"},
      {"no ath", [](Shown& s) { s.claims["ath"] = nullptr; }, "proof_token"},
      {"another token's", [](Shown& s) { s.claims["ath"] = token_hash("x"); }, "proof_token"},
      {"a bound token as Bearer", [](Shown& s) { s.scheme = "Bearer "; }, "token_bound"},
      {"bound in another way",
       [](Shown& s) {
         s.token["cnf"] = json::Object{{"x5t#S256", "abc"}};
       },
       "token_bound"},
      {"a token that is not bound", [](Shown& s) { s.token.erase("cnf"); }, "token_unbound"},
      {"not bound, as Bearer, with a proof",
       [](Shown& s) {
         s.token.erase("cnf");
         s.scheme = "Bearer ";
       },
       "token_unbound"},
      {"an expired token", [](Shown& s) { s.token["exp"] = kNow - 60; }, "jwt_expired"},
  };
  for (const Case& one : cases) {
    judge(one, dpop_request(), &make_dpop, Caller::Proof::kDpop);
  }
}

TEST(Dpop, ABearerTokenStaysWhatItWas) {
  Desk desk;
  const http::Request request;
  const Result<Caller> caller =
      desk.ask({.authorization = jwt(good_claims()), .request = &request});
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->proof, Caller::Proof::kJwt);
  desk.options.issuers[0].must_be_bound = true;
  EXPECT_FALSE(desk.ask({.authorization = jwt(good_claims()), .request = &request}));
  EXPECT_EQ(desk.refusals.at(0).first, Refusal::kTokenUnbound);
}

TEST(Dpop, AProofBesideWhatIsBoundToNoKeyIsRefused) {
  Desk desk;
  http::Request request;
  for (const char* proof : {"garbage", ""}) {
    request.headers.set("DPoP", proof);
    EXPECT_FALSE(desk.ask({.authorization = bearer(kTriageKey), .request = &request})) << proof;
    EXPECT_EQ(desk.refusals.at(0).first, Refusal::kTokenUnbound);
    EXPECT_FALSE(desk.ask({.request = &request})) << proof;
    EXPECT_EQ(desk.refusals.at(0).first, Refusal::kTokenUnbound);
  }
  request.headers.remove("DPoP");
  EXPECT_TRUE(desk.ask({.authorization = bearer(kTriageKey), .request = &request}));
}

TEST(Dpop, TheConfiguredUrlsAreTheOnlyOnes) {
  Desk desk = proof_desk();
  desk.options.proofs.urls = {"https://other.example", "https://pawl.example/gw"};
  Shown shown = dpop_request();
  EXPECT_FALSE(desk.ask(make_dpop(shown)));
  EXPECT_EQ(desk.refusals.at(0).first, Refusal::kProofTarget);
  shown = dpop_request();
  shown.claims["htu"] = "https://pawl.example/gw/mcp/files";
  EXPECT_TRUE(desk.ask(make_dpop(shown)));
}

// A server that a proof was made for relays it, with its own Host.
TEST(Dpop, TheHostFieldCountsOnlyWhereItIsTheGateways) {
  struct Authority {
    const char* host;
    bool tls;
    bool good;
  };
  const Authority all[] = {
      {"localhost:7700", false, true},      {"127.0.0.1:7700", false, true},
      {"[::1]:7700", false, true},          {"localhost:7701", false, false},
      {"127.0.0.1:9", false, false},        {"localhost", false, false},
      {"localhost:80", false, false},       {"pawl.example.org:7700", false, true},
      {"pawl.example.org:9", false, false}, {"pawl.example.org", false, true},
      {"pawl.example.org:80", false, true}, {"pawl.example.org:80", true, false},
      {"pawl.example.org:443", true, true}, {"PAWL.example.org", true, true},
      {"gw.example.org:8443", true, true},  {"gw.example.org:8444", true, false},
      {"gw.example.org", true, false},      {"other.example.org", true, false},
  };
  Desk desk = proof_desk();
  desk.options.proofs.allowed_hosts = {"Pawl.example.org", "gw.example.org:8443"};
  desk.options.proofs.own_port = [] { return std::uint16_t{7700}; };
  for (const Authority& one : all) {
    Shown shown = dpop_request();
    shown.claims["htu"] = (one.tls ? "https://" : "http://") + std::string(one.host) + "/mcp/files";
    shown.request.headers.set("Host", one.host);
    shown.request.peer.tls = one.tls;
    EXPECT_EQ(desk.ask(make_dpop(shown)).has_value(), one.good) << one.host << " " << one.tls;
    if (!one.good) {
      EXPECT_EQ(desk.refusals.at(0).first, Refusal::kProofTarget);
    }
  }
  desk.options.proofs.own_port = {};
  Shown shown = dpop_request();
  shown.claims["htu"] = "http://localhost:0/mcp/files";
  shown.request.headers.set("Host", "localhost:0");
  shown.request.peer.tls = false;
  EXPECT_FALSE(desk.ask(make_dpop(shown))) << "a port that is not known is nobody's";
}

TEST(Wimse, EachRuleOfTheDraftsIsHeldTo) {
  const auto cnf = [](Shown& s) -> json::Object& {
    return s.token["cnf"].as_object()["jwk"].as_object();
  };
  const Case cases[] = {
      {"as made", [](Shown&) {}, ""},
      {"in the field of the earlier drafts", [](Shown& s) { s.scheme = ""; }, ""},
      {"aud in a list",
       [](Shown& s) {
         s.claims["aud"] = {"x", kUrl};
       },
       ""},
      {"both ways at once", [](Shown& s) { s.fields = [](auto& h) { h.add(kFieldWpt, "x.y.z"); }; },
       "proof_missing"},
      {"a WIT without a proof",
       [](Shown& s) {
         s.scheme = "";
         s.fields = [](auto& h) { h.remove(kFieldWpt); };
       },
       "proof_missing"},
      {"a proof without a WIT", [](Shown& s) { s.fields = [](auto& h) { h.remove(kFieldWit); }; },
       "no_credential"},
      {"two WITs", [](Shown& s) { s.fields = [](auto& h) { h.add(kFieldWit, "x.y.z"); }; },
       "no_credential"},
      {"a WIT that is none", [](Shown& s) { s.fields = [](auto& h) { h.set(kFieldWit, "x"); }; },
       "jwt_malformed"},
      {"of a domain that is not configured",
       [](Shown& s) { s.token["sub"] = "spiffe://other.example/web"; }, "trust_domain"},
      {"of a domain's prefix",
       [](Shown& s) { s.token["sub"] = "spiffe://partner.example.evil/web"; }, "trust_domain"},
      {"no sub", [](Shown& s) { s.token.erase("sub"); }, "trust_domain"},
      {"a workload that is no agent",
       [](Shown& s) { s.token["sub"] = "spiffe://partner.example/other"; }, "unknown_agent"},
      {"our agents' form in another domain",
       [](Shown& s) { s.token["sub"] = "spiffe://partner.example/agent/triage"; }, "unknown_agent"},
      {"another scheme of URI", [](Shown& s) { s.token["sub"] = "wimse://partner.example/web"; },
       "unknown_agent"},
      {"a WIT of another issuer",
       [](Shown& s) { s.fields = [](auto& h) { h.set(kFieldWit, forged_wit()); }; },
       "jwt_signature"},
      {"an expired WIT", [](Shown& s) { s.token["exp"] = kNow - 30; }, "jwt_expired"},
      {"a WIT without exp", [](Shown& s) { s.token.erase("exp"); }, "jwt_claims"},
      {"a WIT from the future", [](Shown& s) { s.token["iat"] = kNow + 31; }, "jwt_not_yet"},
      {"a WIT without a key", [](Shown& s) { s.token.erase("cnf"); }, "jwt_claims"},
      {"a key without alg", [&](Shown& s) { cnf(s).erase("alg"); }, "jwt_algorithm"},
      {"a key of another alg", [&](Shown& s) { cnf(s)["alg"] = "EdDSA"; }, "jwt_algorithm"},
      {"typ dpop+jwt", [](Shown& s) { s.header["typ"] = "dpop+jwt"; }, "proof_type"},
      {"another alg than the WIT's", [](Shown& s) { s.header["alg"] = "ES384"; },
       "proof_algorithm"},
      {"signed by another key", [](Shown& s) { s.signer = 0; }, "proof_signature"},
      {"no aud", [](Shown& s) { s.claims.erase("aud"); }, "proof_target"},
      {"another aud", [](Shown& s) { s.claims["aud"] = "https://gw.example.org/mcp"; },
       "proof_target"},
      {"no exp", [](Shown& s) { s.claims.erase("exp"); }, "proof_malformed"},
      {"exp with a fraction", [](Shown& s) { s.claims["exp"] = static_cast<double>(kNow) + 60.5; },
       "proof_malformed"},
      {"expired", [](Shown& s) { s.claims["exp"] = kNow; }, "proof_time"},
      {"good for an hour", [](Shown& s) { s.claims["exp"] = kNow + 3600; }, "proof_time"},
      {"no jti", [](Shown& s) { s.claims.erase("jti"); }, "proof_malformed"},
      {"no wth", [](Shown& s) { s.claims["wth"] = nullptr; }, "proof_token"},
      {"another WIT's", [](Shown& s) { s.claims["wth"] = token_hash("x"); }, "proof_token"},
      {"a Txn-Token that is not covered",
       [](Shown& s) { s.fields = [](auto& h) { h.add(kFieldTxnToken, "t"); }; }, "proof_context"},
      {"a Txn-Token that is covered",
       [](Shown& s) {
         s.claims["tth"] = token_hash("t");
         s.fields = [](auto& h) { h.add(kFieldTxnToken, "t"); };
       },
       ""},
      {"tth without a token", [](Shown& s) { s.claims["tth"] = token_hash("t"); }, "proof_context"},
      {"oth of a field that is there",
       [](Shown& s) {
         s.claims["oth"] = json::Object{{"x-user", token_hash("u")}};
         s.fields = [](auto& h) { h.add("X-User", "u"); };
       },
       ""},
      {"oth of another value",
       [](Shown& s) {
         s.claims["oth"] = json::Object{{"x-user", token_hash("u")}};
         s.fields = [](auto& h) { h.add("X-User", "v"); };
       },
       "proof_context"},
      {"oth of a field that is not there",
       [](Shown& s) {
         s.claims["oth"] = json::Object{{"x-user", token_hash("u")}};
       },
       "proof_context"},
      {"oth that is no object", [](Shown& s) { s.claims["oth"] = "x"; }, "proof_context"},
  };
  for (const Case& one : cases) {
    judge(one, wimse_request(), &make_wimse, Caller::Proof::kWpt);
  }
}

// By each of them an operator can revoke.
TEST(Wimse, TheKeysThatProvedACallerAreNamed) {
  Desk desk = proof_desk();
  const std::string holder = "key:" + key(1).public_key().thumbprint();
  for (const auto& [shown, make] :
       {std::pair{dpop_request(), &make_dpop}, {wimse_request(), &make_wimse}}) {
    Shown request = shown;
    const Result<Caller> caller = desk.ask(make(request));
    ASSERT_TRUE(caller);
    const std::vector<std::string>& names = *caller->proven_by;
    EXPECT_EQ(std::count(names.begin(), names.end(), holder), 1);
    EXPECT_EQ(names.front(), "key:" + key(0).public_key().thumbprint());
    const auto wit = request.request.headers.get(kFieldWit);  // its tokens are verified by it
    EXPECT_TRUE(!wit || names.back() == "wit:" + std::string(*wit));
  }
}

// A token beside a WPT in its own field is covered by the proof, or does not count.
TEST(Wimse, ATokenBesideTheProofIsCoveredAndOfTheSameAgent) {
  const auto ask = [](const std::string& token, bool covered) {
    Desk desk = proof_desk();
    Shown shown = wimse_request();
    shown.scheme = "";
    if (covered) {
      shown.claims["ath"] = token_hash(token);
    }
    Credentials credentials = make_wimse(shown);
    credentials.authorization = "Bearer " + token;
    const Result<Caller> caller = desk.ask(credentials);
    return caller ? std::string(proof_name(caller->proof))
                  : std::string(refusal_name(desk.refusals.at(0).first));
  };
  EXPECT_EQ(ask(std::string(kTriageKey), true), "wpt_request_only");
  EXPECT_EQ(ask(std::string(kTriageKey), false), "proof_context");
  EXPECT_EQ(ask(std::string(kDeployKey), true), "conflict");
}

struct Twice : ::testing::Test {
  Desk desk = proof_desk();
  WallTime now{kNow * 1'000'000};
  std::unique_ptr<Authenticator> made;

  void SetUp() override { made = Authenticator::create(desk.options).value(); }
  tl::expected<Caller, Denial> show(Shown shown, Credentials (*make)(Shown&),
                                    Pass pass = Pass::kSpend) {
    const Credentials credentials = make(shown);
    return made->admit(credentials, now, pass);
  }
};

TEST_F(Twice, AProofIsGoodOnceHoweverOftenItIsLookedAt) {
  for (const auto& [request, make] :
       {std::pair{dpop_request(), &make_dpop}, {wimse_request(), &make_wimse}}) {
    EXPECT_TRUE(show(request, make, Pass::kLook));
    EXPECT_TRUE(show(request, make));
    for (const Pass pass : {Pass::kLook, Pass::kSpend}) {
      const auto again = show(request, make, pass);
      ASSERT_FALSE(again);
      EXPECT_EQ(again.error().refusal, Refusal::kProofReplayed);
      EXPECT_EQ(again.error().agent, "triage");
      EXPECT_EQ(again.error().text.substr(0, 16), "proof_replayed: ");
    }
    Shown other = request;
    other.claims["jti"] = std::string("another ") + std::string(request.scheme);
    EXPECT_TRUE(show(other, make));
  }
}

TEST_F(Twice, OneThatDoesNotHoldSpendsNothing) {
  Shown bad = dpop_request();
  bad.signer = 0;
  EXPECT_FALSE(show(bad, &make_dpop));
  EXPECT_TRUE(show(dpop_request(), &make_dpop));
}

TEST_F(Twice, WhatWasMadeBeforeTheStartIsRefused) {
  desk.options.proofs.started_s = kNow;
  made = Authenticator::create(desk.options).value();
  const auto answer = show(dpop_request(), &make_dpop);  // made a second ago
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().refusal, Refusal::kProofTime);
}

TEST_F(Twice, WithoutRoomToRememberItAProofIsRefusedAndMayComeAgain) {
  desk.options.proofs.remembered = 2;
  made = Authenticator::create(desk.options).value();
  EXPECT_TRUE(show(dpop_request(), &make_dpop));
  Shown other = dpop_request();
  other.claims["jti"] = "proof-2";
  const auto full = show(other, &make_dpop);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().status, 503);
  EXPECT_EQ(full.error().refusal, Refusal::kProofMemory);
  EXPECT_TRUE(full.error().challenge.empty());
  now = WallTime{(kNow + 300) * 1'000'000};
  other.claims["iat"] = kNow + 300;
  EXPECT_TRUE(show(other, &make_dpop));
}

// RFC 9449, 7.1 and 9: which error goes with which scheme.
TEST_F(Twice, ADenialSaysWhatItsSchemeAsksFor) {
  const auto challenge = [&](const Shown& shown, Credentials (*make)(Shown&)) {
    const auto answer = show(shown, make);
    return answer ? std::string() : answer.error().challenge;
  };
  Shown other_key = dpop_request();
  other_key.signer = 0;
  EXPECT_EQ(challenge(other_key, &make_dpop).substr(0, 57),
            R"(DPoP error="invalid_dpop_proof", error_description="proof)");
  Shown expired = dpop_request();
  expired.token["exp"] = kNow - 60;
  EXPECT_EQ(challenge(expired, &make_dpop),
            R"(DPoP error="invalid_token", error_description="the request carries no valid )"
            R"(credential", algs="ES256")");
  Shown as_bearer = dpop_request();
  as_bearer.scheme = "Bearer ";
  EXPECT_EQ(challenge(as_bearer, &make_dpop).substr(0, 27), R"(DPoP error="invalid_token",)");
  Shown wpt = wimse_request();
  wpt.signer = 0;
  EXPECT_EQ(challenge(wpt, &make_wimse), "WPT");
  const auto nothing = made->admit({}, now, Pass::kSpend);
  EXPECT_EQ(nothing.error().challenge, R"(Bearer, DPoP algs="ES256", WPT)");
  EXPECT_EQ(nothing.error().text, kRefusalText);
}

TEST_F(Twice, ANonceIsAskedForWhereItIsConfigured) {
  desk.options.proofs.nonce_key = std::string(32, 'n');
  made = Authenticator::create(desk.options).value();
  const auto first = show(dpop_request(), &make_dpop);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().refusal, Refusal::kProofNonce);
  EXPECT_EQ(first.error().challenge.substr(0, 28), R"(DPoP error="use_dpop_nonce",)");
  Shown with_nonce = dpop_request();
  with_nonce.claims["nonce"] = first.error().dpop_nonce;
  EXPECT_TRUE(show(with_nonce, &make_dpop));
  with_nonce.claims["nonce"] = "another";
  EXPECT_FALSE(show(with_nonce, &make_dpop));
}

}  // namespace
}  // namespace pawl::identity
