#include <gtest/gtest.h>

#include "app/config/config.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

Result<Config> load(const std::string& text) {
  FaultFiles files;
  EXPECT_TRUE(files.make_directory("etc"));
  EXPECT_TRUE(write_file(files, "etc/pawl.yaml", text));
  EXPECT_TRUE(write_file(files, "etc/token", "from-file\n"));
  return load_config(files, "etc/pawl.yaml", [](const std::string& name) {
    return name == "TOKEN" ? std::optional<std::string>("from-environment") : std::nullopt;
  });
}

TEST(TelemetryConfig, OffUnlessAReceiverIsNamed) {
  const Result<Config> config = load("domain: example.org\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->telemetry.traces.empty());
  EXPECT_EQ(config->log_level, "info");
}

TEST(TelemetryConfig, ReadsAReceiverWithSecretsFromOutside) {
  const Result<Config> config = load(
      "telemetry:\n"
      "  traces: http://127.0.0.1:4318/v1/traces\n"
      "  sample: 0.25\n"
      "  headers: { a: \"Bearer ${TOKEN}\", b: \"file:token\" }\n"
      "log_level: warn\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->telemetry.traces, "http://127.0.0.1:4318/v1/traces");
  EXPECT_EQ(config->telemetry.sample, 0.25);
  EXPECT_EQ(config->telemetry.headers.get("a"), "Bearer from-environment");
  EXPECT_EQ(config->telemetry.headers.get("b"), "from-file");
  EXPECT_EQ(config->log_level, "warn");
  EXPECT_EQ(show_config(*config).find("from-"), std::string::npos) << "no secret is shown";
}

TEST(RetentionConfig, IsThePresetsOrAsWritten) {
  struct Case {
    const char* text;
    std::int64_t seconds;
    const char* shown;
  };
  for (const Case& c : {Case{"domain: example.org\n", 400 * 86'400, "400d"},
                        Case{"preset: relaxed\n", 90 * 86'400, "90d"},
                        Case{"preset: regulated\n", 3653LL * 86'400, "3653d"},
                        Case{"preset: regulated\nretention: { records: 36h }\n", 36 * 3600, "36h"},
                        Case{"retention: { records: 48h }\n", 2 * 86'400, "2d"},
                        Case{"retention: { records: 90m }\n", 5400, "90m"},
                        Case{"retention: { records: 10s }\n", 10, "10s"},
                        Case{"retention: {}\n", 34'560'000, "400d"},
                        Case{"retention: { records: forever }\n", 0, "forever"}}) {
    const Result<Config> config = load(c.text);
    ASSERT_TRUE(config) << c.text << config.error().message;
    EXPECT_EQ(config->retention_s, c.seconds) << c.text;
    EXPECT_NE(show_config(*config).find("\"retention\":{\"records\":\"" + std::string(c.shown)),
              std::string::npos)
        << c.text;
  }
  for (const char* wrong : {"0d", "-1d", "400", "d", "1w", "1 d", "4e2d", "36526d", "never",
                            "9999999999999999999d", "9223372036854775807d"}) {
    const Result<Config> config = load("retention: { records: \"" + std::string(wrong) + "\" }\n");
    ASSERT_FALSE(config) << wrong;
    EXPECT_NE(config.error().message.find("retention.records"), std::string::npos) << wrong;
  }
  EXPECT_FALSE(load("retention: { bodies: 1d }\n"));
}

TEST(TelemetryConfig, AMistakeNamesItsPlace) {
  const std::string url = "telemetry:\n  traces: http://127.0.0.1:4318/v1/traces\n";
  for (const auto& [text, expected] : {
           std::pair<std::string, std::string>{"telemetry:\n  traces: collector:4317\n",
                                               "telemetry.traces: expected the URL"},
           {"telemetry:\n  sample: 1\n", "telemetry.traces: expected the URL"},
           {url + "  sample: 1.5\n", "telemetry.sample: expected a share"},
           {url + "  sample: -0.1\n", "telemetry.sample: expected a share"},
           {url + "  sample: much\n", "telemetry.sample: expected a share"},
           {url + "  sample: nan\n", "telemetry.sample: expected a share"},
           {url + "  headers: { a: \"${NONE}\" }\n", "NONE is not set"},
           {url + "  metrics: yes\n", "metrics"},
           {"log_level: loud\n", "log_level"},
       }) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message.find(expected), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.rfind("etc/pawl.yaml:", 0), 0u) << config.error().message;
  }
}

TEST(PresetConfig, RegulatedHidesPeopleAndSaltsDigestsUnlessToldOtherwise) {
  struct Case {
    const char* text;
    bool pseudonyms, salted;
  };
  for (const Case& c :
       {Case{"domain: example.org\n", false, false}, Case{"preset: relaxed\n", false, false},
        Case{"preset: regulated\n", true, true},
        Case{"preset: regulated\nsalted_digests: false\n", true, false},
        Case{"salted_digests: true\n", false, true}}) {
    const Result<Config> config = load(c.text);
    ASSERT_TRUE(config) << c.text << config.error().message;
    EXPECT_EQ(config->pseudonyms, c.pseudonyms) << c.text;
    EXPECT_EQ(config->salted_digests, c.salted) << c.text;
    EXPECT_NE(show_config(*config).find(std::string("\"salted_digests\":") +
                                        (c.salted ? "true" : "false")),
              std::string::npos)
        << c.text;
  }
  EXPECT_FALSE(load("salted_digests: perhaps\n"));
}

TEST(TokensConfig, WithoutItThingsAreAsTheyWere) {
  const Result<Config> config = load("domain: example.org\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tokens.minimum_level, ect::Level::kL2);
  EXPECT_EQ(config->tokens.algorithms, std::vector<std::string>{"ES256"});
  EXPECT_FALSE(config->tokens.refuse_unknown_parents);
  EXPECT_FALSE(config->tokens.cross_workflow);
  EXPECT_FALSE(config->tokens.refuse_unapproved);
  EXPECT_FALSE(config->tokens.cbor);
  EXPECT_EQ(config->tokens.header_bytes, 8192);
}

TEST(TokensConfig, EveryMemberIsReadAndShown) {
  const Result<Config> config = load(
      "tokens:\n"
      "  issue: ect-00\n"
      "  minimum_level: L1\n"
      "  algorithms: [ES256, EdDSA, ES384, RS256, PS256]\n"
      "  parents: refuse\n"
      "  cross_workflow: true\n"
      "  refuse_unapproved: true\n"
      "  cbor: true\n"
      "  header_bytes: 4096\n"
      "trusted_tokens:\n"
      "  - { issuer: a, jwks_file: keys.json }\n"
      "  - { issuer: b, jwks_url: \"https://b.example/jwks.json\" }\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tokens.minimum_level, ect::Level::kL1);
  EXPECT_EQ(config->tokens.algorithms.size(), 5U);
  EXPECT_TRUE(config->tokens.refuse_unknown_parents);
  EXPECT_TRUE(config->tokens.cross_workflow);
  EXPECT_TRUE(config->tokens.refuse_unapproved);
  EXPECT_TRUE(config->tokens.cbor);
  EXPECT_EQ(config->tokens.header_bytes, 4096);
  EXPECT_EQ(config->trusted_tokens.at(0).jwks_file, "etc/keys.json");
  EXPECT_EQ(config->trusted_tokens.at(1).jwks_url, "https://b.example/jwks.json");
  EXPECT_NE(
      show_config(*config).find(
          R"("tokens":{"minimum_level":"L1","algorithms":["ES256","EdDSA","ES384","RS256","PS256"],)"
          R"("parents":"refuse","cross_workflow":true,"refuse_unapproved":true,)"
          R"("cbor":true,"fetch_timeout_s":2,"header_bytes":4096})"),
      std::string::npos)
      << show_config(*config);
}

TEST(TokensConfig, AMistakeNamesItsPlaceAndWhatWasExpected) {
  const std::string all = "; expected some of ES256, ES384, EdDSA, RS256, PS256";
  for (const auto& [text, expected] : {
           std::pair<std::string, std::string>{"tokens: { minimum_level: L4 }\n",
                                               "tokens.minimum_level: "},
           {"tokens: { issue: ect-02 }\n", "tokens.issue: "},
           {"tokens: { algorithms: [ES256, none] }\n",
            "tokens.algorithms: \"none\" is no signature" + all},
           {"tokens: { algorithms: [ES256, HS256] }\n",
            "tokens.algorithms: \"HS256\" is a MAC, which whoever can verify it can forge" + all},
           {"tokens: { algorithms: [es256] }\n", "tokens.algorithms: no algorithm \"es256\"" + all},
           {"tokens: { algorithms: [EdDSA] }\n", "tokens.algorithms: expected ES256 among them"},
           {"tokens: { algorithms: [] }\n", "tokens.algorithms: expected ES256 among them"},
           {"tokens: { parents: ignore }\n", "tokens.parents: "},
           {"tokens: { cross_workflow: maybe }\n", "tokens.cross_workflow: "},
           {"tokens: { header_bytes: 1023 }\n", "tokens.header_bytes: "},
           {"tokens: { header_bytes: 12289 }\n", "tokens.header_bytes: "},
           {"tokens: { max_age: 5 }\n", "max_age"},
           {"tokens: { fetch_timeout_s: 31 }\n", "tokens.fetch_timeout_s: "},
           {"trusted_tokens: [ { issuer: a } ]\n", "expected issuer and one of"},
           {"trusted_tokens: [ { issuer: a, jwks_file: f, domain: d } ]\n",
            "with profile: exec-audit only"},
           {"trusted_tokens: [ { issuer: a, jwks_file: f, profile: exec-audit, domain_member: m } "
            "]\n",
            "without domain: nothing is compared"},
           {"trusted_tokens: [ { issuer: a, jwks_file: f, framework: spiffe } ]\n",
            "the issuer a is none of spiffe"},
           {"trusted_tokens: [ { issuer: \"did:key:zX\", jwks_file: f } ]\n", "is its own key"},
           {"trusted_tokens: [ { issuer: \"did:web:a\" } ]\n", "expected issuer and one of"},
           {"audit: { jurisdiction: EU }\n", "expected the administrative domain"},
           {"audit: { domain: d, regulations: [\"\"] }\n", "audit.regulations: "},
           {"audit: { domain: d }\ntokens: { issue: ect-00 }\n", "are of dialect ect-01"},
           {"trusted_tokens: [ { issuer: a, jwks_file: f, jwks_url: u } ]\n",
            "expected issuer and one of"},
       }) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message.find(expected), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.rfind("etc/pawl.yaml:", 0), 0u) << config.error().message;
  }
}

TEST(WitnessConfig, NobodyIsAskedUnlessAPolicyIsNamed) {
  const Result<Config> config = load("domain: example.org\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->witnesses);
  const Result<Config> asked = load("witnesses: { policy: w.policy }\n");
  ASSERT_TRUE(asked) << asked.error().message;
  ASSERT_TRUE(asked->witnesses);
  EXPECT_EQ(asked->witnesses->policy_file, "etc/w.policy");
  EXPECT_FALSE(asked->witnesses->is_required);
  EXPECT_EQ(asked->witnesses->every_s, 60);
  EXPECT_EQ(asked->witnesses->timeout_s, 10);
}

TEST(WitnessConfig, AMistakeNamesItsPlace) {
  for (const auto& [text, expected] : {
           std::pair<std::string, std::string>{"witnesses: { required: true }\n",
                                               "witnesses.policy: expected the file"},
           {"witnesses: { policy: p, required: maybe }\n", "witnesses.required"},
           {"witnesses: { policy: p, every_s: 0 }\n", "witnesses.every_s"},
           {"witnesses: { policy: p, timeout_s: 601 }\n", "witnesses.timeout_s"},
           {"witnesses: { policy: p, quorum: 2 }\n", "quorum"},
           {"witnesses: p\n", "witnesses"},
       }) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message.find(expected), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.rfind("etc/pawl.yaml:", 0), 0u) << config.error().message;
  }
}

TEST(ConfigText, AMissingQuoteIsNoTextOverSeveralLines) {
  const Result<Config> config = load("domain: \"example.org\nnode: gw1\nmode: \"\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message.find("etc/pawl.yaml:1:9: a text that does not end on its line"),
            0u)
      << config.error().message;
}

// Once each way through an alias was walked: a list in itself has no end, and forty lists of two of
// the one before have 2^40 ways.
TEST(ConfigText, AnAliasOfItselfOrOfManyOthersIsWalkedOnce) {
  std::string doubled = "domain: &a0 [x, x]\n";
  for (int i = 1; i <= 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    doubled += "n" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " +
               before + "]\n";
  }
  for (const std::string& text : {std::string("domain: &a [*a, *a]\n"), doubled}) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().message.rfind("etc/pawl.yaml:1:9: domain: expected text", 0), 0u)
        << config.error().message;
  }
}

}  // namespace
}  // namespace pawl
