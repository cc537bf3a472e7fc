// The members of pawl.yaml that say who may call, and with what proof.
#include "app/config/identity_config.h"

#include <gtest/gtest.h>

#include "app/config/bundle_config.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

Result<Config> load(const std::string& text) {
  FaultFiles files;
  EXPECT_TRUE(files.make_directory("etc"));
  EXPECT_TRUE(write_file(files, "etc/pawl.yaml", text));
  return load_config(files, "etc/pawl.yaml", [](const std::string&) { return std::nullopt; });
}

TEST(IdentityConfig, WithoutItThingsAreAsTheyWere) {
  const Result<Config> config =
      load("jwt_issuers: [ { issuer: i, audience: [a], jwks_file: f } ]\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->issuers.at(0).must_be_bound);
  EXPECT_TRUE(config->trust_domains.empty());
  EXPECT_TRUE(config->proofs.urls.empty());
  EXPECT_EQ(config->proofs.max_age_s, 300);
  EXPECT_EQ(config->proofs.remembered, 1'048'576);
  EXPECT_FALSE(config->proofs.dpop_nonce);
}

TEST(IdentityConfig, EveryMemberIsReadAndShown) {
  const Result<Config> config = load(
      "agents: { web: { identities: [\"spiffe://partner.example/web\"] } }\n"
      "jwt_issuers: [ { issuer: i, audience: [a], jwks_file: f, dpop: required } ]\n"
      "trust_domains:\n"
      "  partner.example: { jwks_url: \"https://p.example/jwks.json\", algorithms: [EdDSA] }\n"
      "  own.example: { jwks_file: own.json }\n"
      "  spiffe.example: { bundle_file: b.json, bundle_max_age_s: 3600, audience: [\"urn:gw\"] }\n"
      "  web.example: { bundle_url: \"https://w.example/b\" }\n"
      "proofs:\n"
      "  urls: [\"https://pawl.example.org\", \"https://x.example:8443/gw\"]\n"
      "  audiences: [\"urn:gateway\"]\n"
      "  max_age_s: 60\n"
      "  remembered_proofs: 1000\n"
      "  dpop_nonce: true\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->agents.at(0).identities.at(0), "spiffe://partner.example/web");
  EXPECT_TRUE(config->issuers.at(0).must_be_bound);
  EXPECT_EQ(config->trust_domains.at(0).name, "partner.example");
  EXPECT_EQ(config->trust_domains.at(0).algorithms, std::vector<std::string>{"EdDSA"});
  EXPECT_EQ(config->trust_domains.at(1).jwks_file, "etc/own.json");
  EXPECT_EQ(config->proofs.urls.size(), 2U);
  const std::string shown = show_config(*config);
  EXPECT_NE(shown.find(R"("max_age_s":60,"remembered_proofs":1000,"dpop_nonce":true})"),
            std::string::npos)
      << shown;
  EXPECT_NE(
      shown.find(
          R"("trust_domains":["partner.example","own.example","spiffe.example","web.example"])"),
      std::string::npos)
      << shown;
}

TEST(IdentityConfig, BundlesStandBesideTheirDomains) {
  FaultFiles files;
  ASSERT_TRUE(files.make_directory("etc"));
  ASSERT_TRUE(
      write_file(files, "etc/pawl.yaml",
                 "trust_domains:\n"
                 "  a.example: { bundle_file: b.json, bundle_max_age_s: 3600, audience: [x] }\n"
                 "  b.example: { bundle_url: \"https://w.example/b\", jwks_file: k.json }\n"
                 "  c.example: { jwks_file: k.json }\n"));
  const Result<Config> config =
      load_config(files, "etc/pawl.yaml", [](const std::string&) { return std::nullopt; });
  ASSERT_TRUE(config) << config.error().message;
  const Result<Bundles> bundles = load_bundles(files, *config);
  ASSERT_TRUE(bundles) << bundles.error().message;
  EXPECT_EQ(bundles->at("a.example").file, "etc/b.json");
  EXPECT_EQ(bundles->at("a.example").max_age_s, 3600);
  EXPECT_EQ(bundles->at("a.example").audiences, std::vector<std::string>{"x"});
  EXPECT_EQ(bundles->at("b.example").url, "https://w.example/b");
  EXPECT_EQ(bundles->at("b.example").max_age_s, 86'400);
  EXPECT_FALSE(bundles->at("c.example").is_given());
  EXPECT_TRUE(load_bundles(files, default_config("data"))->empty());
}

TEST(IdentityConfig, AMistakeNamesItsPlaceAndWhatWasExpected) {
  for (const auto& [text, expected] : {
           std::pair<std::string, std::string>{"trust_domains: { a.example: {} }\n",
                                               "expected one of jwks_file and jwks_url"},
           {"trust_domains: { a.example: { jwks_file: f, jwks_url: u } }\n",
            "expected one of jwks_file and jwks_url"},
           {"trust_domains: { a.example: { bundle_file: f, bundle_url: u } }\n",
            "expected one of bundle_file and bundle_url"},
           {"trust_domains: { a.example: { bundle_file: f, bundle_max_age_s: 1 } }\n",
            "bundle_max_age_s"},
           {"trust_domains: { a.example: { jwks_file: f, audience: [a] } }\n", "JWT-SVIDs"},
           {"trust_domains: { A.example: { jwks_file: f } }\n", "lower-case letters"},
           {"trust_domains: { a.example: { jwks_file: f, keys: x } }\n", "keys"},
           {"proofs: { urls: [pawl.example.org] }\n", "proofs.urls: expected URLs"},
           {"proofs: { urls: [\"https://pawl.example.org/\"] }\n", "proofs.urls: expected URLs"},
           {"proofs: { urls: [\"https://pawl.example.org?x\"] }\n", "proofs.urls: expected URLs"},
           {"proofs: { max_age_s: 0 }\n", "proofs.max_age_s: "},
           {"proofs: { remembered_proofs: 1 }\n", "proofs.remembered_proofs: "},
           {"proofs: { nonce: true }\n", "nonce"},
           {"jwt_issuers: [ { issuer: i, audience: [a], jwks_file: f, dpop: maybe } ]\n", "dpop: "},
       }) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message.find(expected), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.rfind("etc/pawl.yaml:", 0), 0u) << config.error().message;
  }
}

}  // namespace
}  // namespace pawl
