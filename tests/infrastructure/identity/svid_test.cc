// Callers of other trust domains, as the Authenticator judges them: X.509-SVIDs and JWT-SVIDs.
#include <gtest/gtest.h>

#include "infrastructure/identity/bundle_source.h"
#include "infrastructure/identity/svid_desk.h"
#include "tests/infrastructure/identity/desk.h"
#include "tests/support/fault_files.h"
#include "tests/support/made_certificates.h"
#include "tests/support/stepped_clock.h"

namespace pawl::identity {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::MadeCertificate;
using testing::Wanted;
using testing::wanted_ca;

constexpr const char* kWeb = "spiffe://partner.example/web";

std::string use_of(int number, const std::string& kid, const std::string& use) {
  const std::string text = jwk(number, kid);
  return json::with_member(text, json::whole(text), "use", json::quote(use));
}

// Two domains with a bundle each, and our own without; the agent triage is a workload of the first.
class Svid : public ::testing::Test {
 protected:
  Svid() {
    desk_.options.trust_domains = {domain("partner.example", partner_, "pk", 1),
                                   domain("other.example", other_, "ok", 0)};
    desk_.options.agents[0].identities = {kWeb, "spiffe://other.example/web"};
    desk_.options.clock = &clock_;
  }
  TrustDomain domain(const std::string& name, const MadeCertificate& ca, const std::string& kid,
                     int key_number) {
    put(name, 1, ca.bundle_entry() + "," + use_of(key_number, kid, "jwt-svid"));
    TrustDomain out{.name = name, .wit_keys = {}, .algorithms = {"ES256"}};
    out.bundle = BundleSource::of_file(name, files_, "/b/" + name, clock_, hours(24));
    out.svid_keys = std::make_shared<BundleKeys>(out.bundle, &SpiffeBundle::jwt_keys);
    out.audiences = {"urn:gateway"};
    return out;
  }
  void put(const std::string& name, int sequence, const std::string& entries) {
    ASSERT_TRUE(files_.make_directory("/b"));
    ASSERT_TRUE(write_file(
        files_, "/b/" + name,
        R"({"keys":[)" + entries + R"(],"spiffe_sequence":)" + std::to_string(sequence) + "}"));
  }
  // As TLS hands it over.
  static Credentials shown(const std::string& pem) {
    const Result<CertificateChain> chain = CertificateChain::parse(pem);
    return {.certificate_uris = chain ? chain->uris() : std::vector<std::string>{},
            .certificate_chain = pem,
            .certificate_thumbprint = std::string(43, 'c')};
  }
  Credentials bearer_of(const json::Object& claims, int with = 1, const std::string& kid = "pk",
                        const std::string& typ = "JWT") {
    return {.authorization = jwt(claims, with, kid, typ)};
  }
  static json::Object svid_claims() {
    return {{"sub", kWeb}, {"aud", "urn:gateway"}, {"exp", kNow + 300}};
  }

  FaultFiles files_;
  SteppedClock clock_;
  Desk desk_;
  MadeCertificate partner_{wanted_ca("partner"), nullptr};
  MadeCertificate other_{wanted_ca("other"), nullptr};
  MadeCertificate client_ca_{wanted_ca("ours"), nullptr};
};

TEST_F(Svid, ACertificateOfAnotherDomainIsItsAgent) {
  const MadeCertificate sub(wanted_ca("sub"), &partner_);
  for (const std::string& pem :
       {MadeCertificate({.sans = std::string("URI:") + kWeb}, &partner_).pem(),
        MadeCertificate({.sans = std::string("DNS:x,URI:") + kWeb}, &sub).pem() + sub.pem(),
        MadeCertificate({.sans = "URI:spiffe://other.example/web"}, &other_).pem()}) {
    const Result<Caller> caller = desk_.ask(shown(pem));
    ASSERT_TRUE(caller) << refusal_name(desk_.refusals.at(0).first);
    EXPECT_EQ(caller->agent, "triage");
    EXPECT_EQ(caller->proof, Caller::Proof::kMutualTls);
    EXPECT_EQ(*caller->proven_by, std::vector<std::string>{"certificate:" + std::string(43, 'c')});
  }
}

// What tokens with a certificate chain are judged by.
TEST_F(Svid, TheDeskVouchesForAChainAndTellsChanges) {
  const SvidDesk desk(desk_.options.trust_domains);
  const MadeCertificate sub(wanted_ca("sub"), &partner_);
  const MadeCertificate web({.sans = std::string("URI:") + kWeb, .until_s = kNow + 60}, &sub);
  const CertificateChain chain = CertificateChain::of_der({web.der(), sub.der()}).value();
  const Judged<Validity> good = desk.vouch(chain, kNow);
  ASSERT_TRUE(good) << good.error().detail;
  EXPECT_EQ(good->until_s, kNow + 60) << "the shortest of the path";
  EXPECT_EQ(desk.vouch(chain, kNow + 61).error().refusal, Refusal::kSvidTime);
  const std::uint64_t before = desk.generation();
  EXPECT_EQ(desk.generation(), before);
  put("partner.example", 2, other_.bundle_entry());
  clock_.step(seconds(6));
  EXPECT_NE(desk.generation(), before);
  EXPECT_EQ(desk.vouch(chain, kNow).error().refusal, Refusal::kSvidChain);
}

TEST_F(Svid, EachRuleOfACertificateIsHeldTo) {
  const std::string web = std::string("URI:") + kWeb;
  struct Case {
    const char* name;
    Wanted wanted;
    const MadeCertificate* by;
    Refusal why;
  };
  const Case cases[] = {
      {"an authority of one domain, a name of another",
       {.sans = web},
       &other_,
       Refusal::kSvidChain},
      {"an authority of nobody", {.sans = web}, nullptr, Refusal::kSvidChain},
      {"our client CA, a name of another", {.sans = web}, &client_ca_, Refusal::kSvidChain},
      {"a domain without a bundle",
       {.sans = "URI:spiffe://x.example/web"},
       &partner_,
       Refusal::kTrustDomain},
      {"two names",
       {.sans = web + ",URI:spiffe://partner.example/x"},
       &partner_,
       Refusal::kCertificate},
      {"no name", {.sans = "DNS:web.partner.example"}, &partner_, Refusal::kCertificate},
      {"a name without a path",
       {.sans = "URI:spiffe://partner.example"},
       &partner_,
       Refusal::kTrustDomain},
      {"another scheme",
       {.sans = "URI:wimse://partner.example/web"},
       &partner_,
       Refusal::kCertificate},
      {"an authority",
       {.sans = web, .is_ca = true, .key_usage = "keyCertSign"},
       &partner_,
       Refusal::kSvidAuthority},
      {"whose key signs certificates",
       {.sans = web, .key_usage = "digitalSignature,keyCertSign"},
       &partner_,
       Refusal::kSvidAuthority},
      {"over",
       {.sans = web, .from_s = kNow - 9, .until_s = kNow - 1},
       &partner_,
       Refusal::kSvidTime},
      {"not yet", {.sans = web, .from_s = kNow + 1}, &partner_, Refusal::kSvidTime},
      {"no agent",
       {.sans = "URI:spiffe://partner.example/else"},
       &partner_,
       Refusal::kUnknownAgent},
  };
  desk_.options.mutual_tls = false;
  for (const Case& one : cases) {
    const MadeCertificate made(one.wanted, one.by);
    const std::string pem = made.pem();
    expect_refused(desk_, shown(pem), one.why, one.name);
  }
}

// The text of a chain is remembered, and what it is judged by is not.
TEST_F(Svid, WhatADomainWithdrewCountsNoMoreOnOpenConnectionsToo) {
  const std::string pem =
      MadeCertificate({.sans = std::string("URI:") + kWeb, .until_s = kNow + 60}, &partner_).pem();
  const SvidDesk svids(desk_.options.trust_domains);
  ASSERT_TRUE(svids.check(pem, kNow));
  ASSERT_TRUE(svids.check(pem, kNow + 60));
  EXPECT_EQ(svids.check(pem, kNow + 61).error().refusal, Refusal::kSvidTime);
  put("partner.example", 2, other_.bundle_entry());
  clock_.step(seconds(5));
  EXPECT_EQ(svids.check(pem, kNow).error().refusal, Refusal::kSvidChain);
  put("partner.example", 3, other_.bundle_entry() + "," + partner_.bundle_entry());
  clock_.step(seconds(5));
  EXPECT_TRUE(svids.check(pem, kNow));
  ASSERT_TRUE(files_.remove("/b/partner.example"));
  clock_.step(hours(25));
  EXPECT_EQ(svids.check(pem, kNow).error().refusal, Refusal::kTrustBundle);
}

TEST_F(Svid, AnAuthorityOfAMomentAgoIsFoundAtOnce) {
  const MadeCertificate next(wanted_ca("next"), nullptr);
  const SvidDesk svids(desk_.options.trust_domains);
  const std::string pem = MadeCertificate({.sans = std::string("URI:") + kWeb}, &next).pem();
  EXPECT_FALSE(svids.check(pem, kNow));
  put("partner.example", 2, partner_.bundle_entry() + "," + next.bundle_entry());
  clock_.step(seconds(1));  // not yet time for a look
  EXPECT_TRUE(svids.check(pem, kNow));
}

// What the handshake took for a name of ours, our client CA vouches for; or our bundle, if we have
// one.
TEST_F(Svid, OfOurOwnDomainABundleVouchesInPlaceOfOurClientCa) {
  const std::string by_ca =
      MadeCertificate({.sans = "URI:spiffe://example.org/agent/deploy"}, &client_ca_).pem();
  const std::string by_bundle =
      MadeCertificate({.sans = "URI:spiffe://example.org/agent/deploy"}, &partner_).pem();
  EXPECT_TRUE(desk_.ask(shown(by_ca)));
  desk_.options.trust_domains.push_back(domain("example.org", partner_, "k", 0));
  const Result<Caller> caller = desk_.ask(shown(by_bundle));
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->agent, "deploy");
  expect_refused(desk_, shown(by_ca), Refusal::kSvidChain, "the bundle alone decides");
}

TEST_F(Svid, HandshakesTakeWhatAnyDomainVouchesFor) {
  clock_.set_wall(WallTime{kNow * 1'000'000});
  const auto made = Authenticator::create(desk_.options);
  ASSERT_TRUE(made);
  const ClientTrust trust = (*made)->client_trust();
  ASSERT_TRUE(trust);
  EXPECT_TRUE(trust(MadeCertificate({.sans = "URI:spiffe://other.example/x"}, &other_).pem()));
  EXPECT_TRUE(desk_.refusals.empty());
  const std::pair<const char*, Refusal> strangers[] = {
      {"URI:spiffe://other.example/x", Refusal::kSvidChain},
      {"URI:spiffe://example.org/agent/triage", Refusal::kTrustDomain},
      {"URI:wimse://partner.example/web", Refusal::kCertificate}};
  for (const auto& [name, why] : strangers) {
    EXPECT_FALSE(trust(MadeCertificate({.sans = name}, &partner_).pem())) << name;
    EXPECT_EQ(refusal_name(desk_.refusals.back().first), refusal_name(why)) << name;
  }
  EXPECT_FALSE(trust("no PEM"));
  desk_.options.trust_domains.clear();
  EXPECT_FALSE((*Authenticator::create(desk_.options))->client_trust());
}

TEST_F(Svid, ATokenOfAnotherDomainIsItsAgent) {
  json::Object claims = svid_claims();
  for (const char* typ : {"JWT", "JOSE", ""}) {
    const Result<Caller> caller = desk_.ask(bearer_of(claims, 1, "pk", typ));
    ASSERT_TRUE(caller) << typ << ": " << refusal_name(desk_.refusals.at(0).first);
    EXPECT_EQ(caller->agent, "triage");
    EXPECT_EQ(caller->proof, Caller::Proof::kJwt);
  }
  claims["aud"] = json::Array{"urn:else", "urn:gateway"};
  claims["iss"] = "https://oidc.partner.example";
  claims["jti"] = "t-1";
  const Result<Caller> caller = desk_.ask(bearer_of(claims, 1, ""));
  ASSERT_TRUE(caller) << refusal_name(desk_.refusals.at(0).first);
  EXPECT_EQ(caller->proven_by->back(), "token:https://oidc.partner.example#t-1");
}

TEST_F(Svid, EachRuleOfATokenIsHeldTo) {
  struct Case {
    const char* name;
    void (*change)(json::Object&);
    Refusal why;
    int with = 1;
    const char* kid = "pk";
    const char* typ = "JWT";
  };
  const auto same = [](json::Object&) {};
  const Case cases[] = {
      {"a name of another domain", [](json::Object& c) { c["sub"] = "spiffe://other.example/web"; },
       Refusal::kJwtKey},
      {"keys of another domain", same, Refusal::kJwtKey, 0, "ok"},
      {"the kid of its domain, the key of another", same, Refusal::kJwtSignature, 0},
      {"a domain without a bundle", [](json::Object& c) { c["sub"] = "spiffe://x.example/web"; },
       Refusal::kJwtIssuer},
      {"not a SPIFFE ID", [](json::Object& c) { c["sub"] = "wimse://partner.example/web"; },
       Refusal::kJwtIssuer},
      {"an algorithm that is not allowed", same, Refusal::kJwtAlgorithm, 2},
      {"an access token", same, Refusal::kJwtType, 1, "pk", "at+jwt"},
      {"no audience", [](json::Object& c) { c.erase("aud"); }, Refusal::kJwtAudience},
      {"another audience", [](json::Object& c) { c["aud"] = "urn:else"; }, Refusal::kJwtAudience},
      {"no end", [](json::Object& c) { c.erase("exp"); }, Refusal::kJwtClaims},
      {"over", [](json::Object& c) { c["exp"] = kNow - 31; }, Refusal::kJwtExpired},
      {"not yet", [](json::Object& c) { c["nbf"] = kNow + 31; }, Refusal::kJwtNotYet},
      {"bound to a key",
       [](json::Object& c) {
         c["cnf"] = json::Object{{"jkt", "x"}};
       },
       Refusal::kTokenBound},
      {"no agent", [](json::Object& c) { c["sub"] = "spiffe://partner.example/else"; },
       Refusal::kUnknownAgent},
  };
  for (const Case& one : cases) {
    json::Object claims = svid_claims();
    one.change(claims);
    expect_refused(desk_, bearer_of(claims, one.with, one.kid, one.typ), one.why, one.name);
  }
}

TEST_F(Svid, ATokenOfAConfiguredIssuerIsJudgedByItsKeys) {
  json::Object claims = svid_claims();
  claims["iss"] = kIssuer;
  expect_refused(desk_, bearer_of(claims), Refusal::kJwtKey,
                 "the domain's key is not the issuer's");
}

TEST_F(Svid, WithoutAnAudienceNoTokenCounts) {
  desk_.options.trust_domains[0].svid_keys = nullptr;
  expect_refused(desk_, bearer_of(svid_claims()), Refusal::kJwtIssuer, "no audience configured");
}

TEST_F(Svid, KeysOfABundleThatCannotBeHadRefuse) {
  ASSERT_TRUE(files_.remove("/b/partner.example"));
  expect_refused(desk_, bearer_of(svid_claims()), Refusal::kJwtNoKeys, "no bundle");
}

}  // namespace
}  // namespace pawl::identity
