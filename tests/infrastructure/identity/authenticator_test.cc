#include "infrastructure/identity/authenticator.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"
#include "tests/infrastructure/identity/desk.h"

namespace pawl::identity {
namespace {

TEST(Authenticator, EachProofNamesItsAgent) {
  struct Case {
    const char* name;
    Credentials credentials;
    const char* agent;
    Caller::Proof proof;
  };
  const Case cases[] = {
      {"key", {.authorization = bearer(kTriageKey)}, "triage", Caller::Proof::kBearerKey},
      {"scheme in another case",
       {.authorization = "bEARER  " + std::string(kDeployKey)},
       "deploy",
       Caller::Proof::kBearerKey},
      {"JWT", {.authorization = jwt(good_claims())}, "triage", Caller::Proof::kJwt},
      {"certificate",
       {.certificate_uris = {{"spiffe://example.org/agent/deploy"}}},
       "deploy",
       Caller::Proof::kMutualTls},
      {"peer", {.peer = {{.uid = 1000}}}, "triage", Caller::Proof::kPeerCredentials},
      {"peer that names one of its agents",
       {.peer = {{.uid = 1000}}, .asserted = {{"agent", "deploy"}}},
       "deploy",
       Caller::Proof::kPeerCredentials},
      {"key and certificate of one agent",
       {.authorization = bearer(kTriageKey),
        .certificate_uris = {{"spiffe://example.org/agent/triage"}}},
       "triage",
       Caller::Proof::kMutualTls},
      {"key over the socket of a user who may be this agent",
       {.authorization = bearer(kDeployKey), .peer = {{.uid = 1000}}},
       "deploy",
       Caller::Proof::kBearerKey},
  };
  for (const Case& one : cases) {
    Desk desk;
    const Result<Caller> caller = desk.ask(one.credentials);
    ASSERT_TRUE(caller) << one.name << ": " << refusal_name(desk.refusals.at(0).first);
    EXPECT_EQ(caller->agent, one.agent) << one.name;
    EXPECT_EQ(caller->proof, one.proof) << one.name;
    EXPECT_EQ(caller->groups, caller->agent == "triage" ? std::vector<std::string>{"vendor-a"}
                                                        : std::vector<std::string>{})
        << one.name;
  }
}

TEST(Authenticator, ACallerCarriesTheNamesOfAllThatProvedIt) {
  using Names = std::vector<std::string>;
  json::Object claims = good_claims();
  claims["jti"] = "0190A000-0000-7000-8000-00000000000B";
  const std::string key_name = "key:" + digest_text(*key_digest(kTriageKey));
  const std::string thumb(43, 'c');
  const Names of_jwt = {"key:" + key(0).public_key().thumbprint(), "key:k0",
                        "token:" + std::string(kIssuer) + "#0190a000-0000-7000-8000-00000000000b"};
  const std::vector<std::string> uris = {"spiffe://example.org/agent/triage"};
  const struct {
    const char* name;
    Credentials credentials;
    Names names;
  } cases[] = {
      {"key", {.authorization = bearer(kTriageKey)}, {key_name}},
      {"JWT", {.authorization = jwt(claims)}, of_jwt},
      {"JWT without id", {.authorization = jwt(good_claims())}, {of_jwt[0], of_jwt[1]}},
      {"certificate",
       {.certificate_uris = uris, .certificate_thumbprint = thumb},
       {"certificate:" + thumb}},
      {"key and certificate",
       {.authorization = bearer(kTriageKey),
        .certificate_uris = uris,
        .certificate_thumbprint = thumb},
       {key_name, "certificate:" + thumb}},
      {"key over a socket",
       {.authorization = bearer(kTriageKey), .peer = {{.uid = 1000}}},
       {key_name}},
      {"peer", {.peer = {{.uid = 1000}}}, {}},
  };
  for (const auto& one : cases) {
    Desk desk;
    const Result<Caller> caller = desk.ask(one.credentials);
    ASSERT_TRUE(caller) << one.name;
    EXPECT_EQ(caller->proven_by != nullptr ? *caller->proven_by : Names{}, one.names) << one.name;
  }
}

TEST(Authenticator, WhatDoesNotProveAnAgentIsRefused) {
  struct Case {
    const char* name;
    Credentials credentials;
    Refusal why;
  };
  const std::string own = "spiffe://example.org/agent/";
  const Case cases[] = {
      {"nothing", {}, Refusal::kNoCredential},
      {"only a name", {.asserted = {{"agent", "triage"}}}, Refusal::kNoCredential},
      {"an empty field", {.authorization = ""}, Refusal::kBadAuthorization},
      {"no token", {.authorization = "Bearer "}, Refusal::kBadAuthorization},
      {"no space",
       {.authorization = "Bearer" + std::string(kTriageKey)},
       Refusal::kBadAuthorization},
      {"another scheme", {.authorization = "Basic dHJpYWdlOng="}, Refusal::kBadAuthorization},
      {"two tokens", {.authorization = bearer("a b")}, Refusal::kBadAuthorization},
      {"a control character", {.authorization = bearer("abc\r\n")}, Refusal::kBadAuthorization},
      {"padding in the middle", {.authorization = bearer("ab=c")}, Refusal::kBadAuthorization},
      {"a huge field",
       {.authorization = bearer(std::string(16 * 1024, 'a'))},
       Refusal::kBadAuthorization},
      {"an unknown key", {.authorization = bearer("pawl_triage-key-000003")}, Refusal::kUnknownKey},
      {"a key's beginning",
       {.authorization = bearer(kTriageKey.substr(0, 21))},
       Refusal::kUnknownKey},
      {"a key's stored form",
       {.authorization = bearer(hex_encode(view(key_digest(kTriageKey).value())))},
       Refusal::kUnknownKey},
      {"certificate without URI",
       {.certificate_uris = std::vector<std::string>{}},
       Refusal::kCertificate},
      {"certificate with two",
       {.certificate_uris = {{own + "triage", own + "deploy"}}},
       Refusal::kCertificate},
      {"another trust domain",
       {.certificate_uris = {{"spiffe://example.com/agent/triage"}}},
       Refusal::kCertificate},
      {"a trust domain's prefix",
       {.certificate_uris = {{"spiffe://example.org.evil/agent/triage"}}},
       Refusal::kCertificate},
      {"another path",
       {.certificate_uris = {{"spiffe://example.org/pawl/gw1"}}},
       Refusal::kCertificate},
      {"a longer path", {.certificate_uris = {{own + "triage/x"}}}, Refusal::kCertificate},
      {"no id", {.certificate_uris = {{own}}}, Refusal::kCertificate},
      {"an unknown agent", {.certificate_uris = {{own + "other"}}}, Refusal::kUnknownAgent},
      {"an unmapped uid", {.peer = {{.uid = 1001}}}, Refusal::kPeer},
      {"root is nobody special", {.peer = {{.uid = 0}}}, Refusal::kPeer},
      {"a uid as another's agent",
       {.peer = {{.uid = 1000}}, .asserted = {{"agent", "other"}}},
       Refusal::kPeer},
      {"a key over the socket of an unmapped user",
       {.authorization = bearer(kTriageKey), .peer = {{.uid = 1001}}},
       Refusal::kPeer},
      {"a good key and another agent's certificate",
       {.authorization = bearer(kTriageKey), .certificate_uris = {{own + "deploy"}}},
       Refusal::kConflict},
      {"a good certificate and a bad key",
       {.authorization = bearer("pawl_triage-key-000003"), .certificate_uris = {{own + "triage"}}},
       Refusal::kUnknownKey},
      {"a good key and a bad certificate",
       {.authorization = bearer(kTriageKey), .certificate_uris = {{"spiffe://x/agent/triage"}}},
       Refusal::kCertificate},
  };
  for (const Case& one : cases) {
    Desk desk;
    expect_refused(desk, one.credentials, one.why, one.name);
  }
}

TEST(Authenticator, WithNothingConfiguredNobodyPasses) {
  const Credentials shown[] = {{},
                               {.authorization = bearer(kTriageKey)},
                               {.authorization = jwt(good_claims())},
                               {.certificate_uris = {{"spiffe://example.org/agent/triage"}}},
                               {.certificate_uris = {{"spiffe:///agent/triage"}}},
                               {.peer = {{.uid = 0}}}};
  const auto empty = Authenticator::create({});
  ASSERT_TRUE(empty);
  for (const Credentials& credentials : shown) {
    EXPECT_FALSE((*empty)->authenticate(credentials, WallTime{kNow * 1'000'000}));
  }
}

TEST(Authenticator, DevelopmentWaivesOnlyWhatWasNotShown) {
  struct Case {
    const char* name;
    Credentials credentials;
    const char* agent;  // empty: refused
    Caller::Proof proof;
  };
  const Case cases[] = {
      {"nothing", {}, "dev", Caller::Proof::kNone},
      {"a name", {.asserted = {{"agent", "triage"}}}, "triage", Caller::Proof::kNone},
      {"a name that is no id", {.asserted = {{"agent", "../x"}}}, "dev", Caller::Proof::kNone},
      {"an unmapped uid", {.peer = {{.uid = 4}}}, "dev", Caller::Proof::kNone},
      {"a mapped uid", {.peer = {{.uid = 1000}}}, "triage", Caller::Proof::kPeerCredentials},
      {"a good key", {.authorization = bearer(kDeployKey)}, "deploy", Caller::Proof::kBearerKey},
      {"a bad key", {.authorization = bearer("pawl_triage-key-000003")}, "", Caller::Proof::kNone},
      {"a bad certificate",
       {.certificate_uris = {{"spiffe://x/agent/y"}}},
       "",
       Caller::Proof::kNone},
  };
  for (const Case& one : cases) {
    Desk desk;
    desk.options.development = true;
    const Result<Caller> caller = desk.ask(one.credentials);
    EXPECT_EQ(caller ? caller->agent : "", one.agent) << one.name;
    if (caller) {
      EXPECT_EQ(caller->proof, one.proof) << one.name;
    }
  }
}

TEST(Authenticator, AConfigurationThatCannotBeMeantIsRefused) {
  struct Case {
    const char* name;
    void (*spoil)(AuthenticatorOptions&);
    Code code;
    const char* says;
  };
  const Case cases[] = {
      {"an id with a slash", [](AuthenticatorOptions& o) { o.agents[0].id = "a/b"; },
       Code::kInvalidParams, "a/b"},
      {"no id", [](AuthenticatorOptions& o) { o.agents[0].id = ""; }, Code::kInvalidParams,
       "agent ''"},
      {"an agent twice", [](AuthenticatorOptions& o) { o.agents[1].id = "triage"; },
       Code::kConflict, "triage"},
      {"one key, two agents", [](AuthenticatorOptions& o) { o.agents[1].keys = o.agents[0].keys; },
       Code::kConflict, "same key"},
      {"no audience", [](AuthenticatorOptions& o) { o.issuers[0].audiences.clear(); },
       Code::kInvalidParams, "audience"},
      {"an empty audience", [](AuthenticatorOptions& o) { o.issuers[0].audiences = {""}; },
       Code::kInvalidParams, "audience"},
      {"no algorithm", [](AuthenticatorOptions& o) { o.issuers[0].algorithms.clear(); },
       Code::kInvalidParams, "algorithms"},
      {"a MAC", [](AuthenticatorOptions& o) { o.issuers[0].algorithms = {"HS256"}; },
       Code::kInvalidParams, "algorithms"},
      {"alg none",
       [](AuthenticatorOptions& o) {
         o.issuers[0].algorithms = {"ES256", "none"};
       },
       Code::kInvalidParams, "algorithms"},
      {"no keys", [](AuthenticatorOptions& o) { o.issuers[0].keys = nullptr; },
       Code::kInvalidParams, "key set"},
      {"no issuer", [](AuthenticatorOptions& o) { o.issuers[0].issuer = ""; }, Code::kInvalidParams,
       "iss"},
      {"an issuer twice", [](AuthenticatorOptions& o) { o.issuers.push_back(o.issuers[0]); },
       Code::kConflict, "issuer"},
      {"no agent claim", [](AuthenticatorOptions& o) { o.issuers[0].agent_claim = ""; },
       Code::kInvalidParams, "claim"},
      {"a uid of nobody", [](AuthenticatorOptions& o) { o.unix_users[7] = {}; },
       Code::kInvalidParams, "uid 7"},
      {"a uid of an unknown agent", [](AuthenticatorOptions& o) { o.unix_users[7] = {"x"}; },
       Code::kInvalidParams, "uid 7"},
      {"an identity that is none",
       [](AuthenticatorOptions& o) { o.agents[0].identities = {"https://x/y"}; },
       Code::kInvalidParams, "identity"},
      {"one identity, two agents",
       [](AuthenticatorOptions& o) {
         o.agents[0].identities = o.agents[1].identities = {"spiffe://x/y"};
       },
       Code::kConflict, "same identity"},
      {"a trust domain without keys",
       [](AuthenticatorOptions& o) {
         o.trust_domains = {{"partner.example", nullptr, {"ES256"}}};
       },
       Code::kInvalidParams, "key set"},
      {"a trust domain with a MAC",
       [](AuthenticatorOptions& o) {
         o.trust_domains = {{"partner.example", o.issuers[0].keys, {"HS256"}}};
       },
       Code::kInvalidParams, "algorithms"},
      {"mutual TLS without a domain", [](AuthenticatorOptions& o) { o.trust_domain = ""; },
       Code::kInvalidParams, "trust domain"},
  };
  for (const Case& one : cases) {
    Desk desk;
    one.spoil(desk.options);
    const auto made = Authenticator::create(desk.options);
    ASSERT_FALSE(made) << one.name;
    EXPECT_EQ(made.error().code, one.code) << one.name;
    EXPECT_NE(made.error().message.find(one.says), std::string::npos)
        << one.name << ": " << made.error().message;
  }
}

TEST(KeyDigest, RefusesKeysThatProtectNothing) {
  for (const std::string& bad : {std::string(), std::string("short"), std::string(15, 'a'),
                                 std::string("has a space inside it"), std::string(9000, 'a'),
                                 std::string("${TRIAGE_KEY_UNSET}")}) {
    EXPECT_FALSE(key_digest(bad)) << bad.substr(0, 30);
  }
  EXPECT_EQ(key_digest(kTriageKey).value(), sha256(kTriageKey));
}

TEST(Refusal, EachHasItsOwnName) {
  std::set<std::string_view> names;
  for (const Refusal refusal : kAllRefusals) {
    EXPECT_TRUE(names.insert(refusal_name(refusal)).second) << refusal_name(refusal);
  }
  EXPECT_EQ(kAllRefusals.size(), static_cast<std::size_t>(Refusal::kProofMemory) + 1);
}

// No text for the log carries what the client showed.
TEST(Refusal, DetailsHoldNoSecret) {
  Desk desk;
  const std::string secret = "pawl_secret-key-that-is-wrong";
  EXPECT_FALSE(desk.ask({.authorization = bearer(secret)}));
  ASSERT_EQ(desk.refusals.size(), 1U);
  EXPECT_EQ(desk.refusals.front().second.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace pawl::identity
