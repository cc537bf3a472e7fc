#include "foundation/crypto/certificate_chain.h"

#include <gtest/gtest.h>

#include "foundation/crypto/sha256.h"
#include "tests/support/made_certificates.h"

namespace pawl {
namespace {

using testing::MadeCertificate;
using testing::Wanted;
using testing::wanted_ca;

constexpr std::int64_t kNow = 1'772'064'150;
constexpr const char* kSan = "URI:spiffe://example.org/web,DNS:web.example.org";

CaSet set_of(const MadeCertificate& authority) {
  CaSet out;
  EXPECT_TRUE(out.add(authority.der()));
  return out;
}

CertificateChain chain_of(const std::string& pem) {
  Result<CertificateChain> chain = CertificateChain::parse(pem);
  EXPECT_TRUE(chain) << chain.error().message;
  return *std::move(chain);
}

TEST(CertificateChain, SaysWhatItsLeafSays) {
  const MadeCertificate ca(wanted_ca("ca"), nullptr);
  const MadeCertificate leaf({.sans = kSan}, &ca);
  for (const Result<CertificateChain>& chain : {CertificateChain::parse(leaf.pem() + ca.pem()),
                                                CertificateChain::of_der({leaf.der(), ca.der()})}) {
    ASSERT_TRUE(chain);
    EXPECT_EQ(chain->uris(), std::vector<std::string>{"spiffe://example.org/web"});
    EXPECT_FALSE(chain->is_authority());
    EXPECT_TRUE(chain->may_sign());
    EXPECT_EQ(chain->thumbprint(), digest_text(sha256(leaf.der())));
    EXPECT_EQ(chain->key()->kind(), KeyKind::kP256);
  }
}

TEST(CertificateChain, AnAuthorityIsOneByAnyOfItsSigns) {
  const MadeCertificate ca(wanted_ca("ca"), nullptr);
  const std::pair<const char*, Wanted> cases[] = {
      {"CA", wanted_ca("sub")},
      {"CA without usage", {.is_ca = true, .key_usage = ""}},
      {"CA whose key signs no certificates", {.is_ca = true}},
      {"signs certificates", {.key_usage = "digitalSignature,keyCertSign"}},
      {"signs lists", {.key_usage = "digitalSignature,cRLSign"}},
  };
  for (const auto& [name, wanted] : cases) {
    EXPECT_TRUE(chain_of(MadeCertificate(wanted, &ca).pem()).is_authority()) << name;
  }
  EXPECT_FALSE(chain_of(MadeCertificate({.key_usage = ""}, &ca).pem()).is_authority());
  for (const char* usage : {"", "keyEncipherment"}) {
    EXPECT_FALSE(chain_of(MadeCertificate({.key_usage = usage}, &ca).pem()).may_sign()) << usage;
  }
}

TEST(CertificateChain, WhatIsNoChainIsRefused) {
  const MadeCertificate ca(wanted_ca("ca"), nullptr);
  std::string many;
  for (std::size_t i = 0; i <= kMaxChainCertificates; ++i) {
    many += ca.pem();
  }
  for (const std::string& pem :
       {std::string(), std::string("no PEM"), many, std::string(kMaxChainBytes, ' ') + ca.pem(),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + std::string()}) {
    const Result<CertificateChain> chain = CertificateChain::parse(pem);
    ASSERT_FALSE(chain);
    EXPECT_EQ(chain.error().code, Code::kMalformed);
  }
  EXPECT_FALSE(CertificateChain::of_der({}));
  EXPECT_FALSE(CertificateChain::of_der({ca.der() + "x"}));
}

TEST(CaSet, TakesAuthoritiesOnly) {
  const MadeCertificate ca(wanted_ca("ca"), nullptr);
  const MadeCertificate leaf({.sans = kSan}, &ca);
  const MadeCertificate no_signer({.is_ca = true}, nullptr);
  CaSet set;
  EXPECT_FALSE(set.add(""));
  EXPECT_FALSE(set.add("no DER"));
  EXPECT_FALSE(set.add(leaf.der()));
  EXPECT_FALSE(set.add(no_signer.der()));
  EXPECT_FALSE(set.add(ca.der() + "x"));
  EXPECT_EQ(set.size(), 0U);
  EXPECT_TRUE(set.add(ca.der()));
  EXPECT_EQ(set.size(), 1U);
}

TEST(CaSet, VouchesForWhatItsAuthoritiesSigned) {
  const MadeCertificate ca(wanted_ca("ca"), nullptr), other(wanted_ca("ca"), nullptr);
  const MadeCertificate sub(wanted_ca("sub"), &ca);
  const MadeCertificate no_ca({.name = "no ca"}, &ca);
  const MadeCertificate leaf({.sans = kSan}, &ca), of_sub({.sans = kSan}, &sub);
  const MadeCertificate of_no_ca({.sans = kSan}, &no_ca);
  const MadeCertificate alone({.sans = kSan}, nullptr);
  const MadeCertificate for_servers({.sans = kSan, .purposes = "serverAuth"}, &ca);
  const MadeCertificate for_both({.sans = kSan, .purposes = "serverAuth,clientAuth"}, &ca);
  const MadeCertificate weak({.sans = kSan, .weak = true}, &ca);
  struct Case {
    const char* name;
    const MadeCertificate* by;
    std::string pem;
    bool is_good;
  };
  const Case cases[] = {
      {"direct", &ca, leaf.pem(), true},
      {"an authority of the same name", &other, leaf.pem(), false},
      {"an intermediate that was shown", &ca, of_sub.pem() + sub.pem(), true},
      {"an intermediate that was not", &ca, of_sub.pem(), false},
      {"an intermediate in the set", &sub, of_sub.pem(), true},
      {"one that may not sign", &ca, of_no_ca.pem() + no_ca.pem(), false},
      {"nobody but itself", &ca, alone.pem(), false},
      {"the authority that it brings", &other, leaf.pem() + ca.pem(), false},
      {"not for clients", &ca, for_servers.pem(), false},
      {"for clients, too", &ca, for_both.pem(), true},
      {"a weak signature", &ca, weak.pem(), false},
  };
  for (const Case& one : cases) {
    const auto verified = set_of(*one.by).verify(chain_of(one.pem), kNow);
    EXPECT_EQ(verified.has_value(), one.is_good)
        << one.name << ": " << (verified ? "" : verified.error().text);
    EXPECT_TRUE(verified || !verified.error().is_time) << one.name;
  }
  EXPECT_FALSE(CaSet().verify(chain_of(leaf.pem()), kNow));
}

TEST(CaSet, SaysUntilWhenAPathHolds) {
  const MadeCertificate ca(wanted_ca("ca"), nullptr);
  const MadeCertificate leaf({.sans = kSan, .from_s = kNow - 60, .until_s = kNow + 60}, &ca);
  const CaSet set = set_of(ca);
  const CertificateChain chain = chain_of(leaf.pem());
  const auto now = set.verify(chain, kNow);
  ASSERT_TRUE(now) << now.error().text;
  EXPECT_EQ(now->from_s, kNow - 60);
  EXPECT_EQ(now->until_s, kNow + 60);
  for (const std::int64_t at : {kNow - 61, kNow + 61}) {
    const auto then = set.verify(chain, at);
    ASSERT_FALSE(then) << at;
    EXPECT_TRUE(then.error().is_time) << then.error().text;
  }
}

}  // namespace
}  // namespace pawl
