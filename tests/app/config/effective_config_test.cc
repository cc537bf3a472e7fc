#include "app/config/effective_config.h"

#include <gtest/gtest.h>

#include "app/config/key_config.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

constexpr const char* kBase = R"(
servers:
  files: { command: [npx, "server@1", ./work], env: { TOKEN: "${SECRET}" } }
  search: { url: "https://search.example/mcp?key=${SECRET}", headers: { Authorization: "${SECRET}" } }
agents:
  triage: { key: "${SECRET}", groups: [a] }
readers: { audit: { key: "${OTHER}" } }
)";

struct Loaded {
  json::Object effective;
  SectionDigests sections;
  std::string digest;
};

Loaded load(const std::string& text, const std::string& folder = "etc",
            const std::string& secret = "secret-secret-secret") {
  FaultFiles files;
  const std::string path = folder + "/pawl.yaml";
  files.put(path, text);
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    return name == "SECRET" ? secret : name == "OTHER" ? "another-secret-0123" : "";
  };
  const Result<Config> config = load_config(files, path, environment);
  EXPECT_TRUE(config) << config.error().message;
  const Result<KeySources> keys = load_keys(files, path, environment);
  EXPECT_TRUE(keys) << keys.error().message;
  const Result<ConfigParts> parts = load_parts(files, *config, *keys);
  EXPECT_TRUE(parts) << parts.error().message;
  Loaded out;
  out.effective = effective_config(*config, *parts);
  out.sections = section_digests(out.effective, config->directory);
  out.digest = config_digest(out.sections);
  return out;
}

TEST(EffectiveConfig, ShowsNoSecretAndDoesNotDependOnOne) {
  const Loaded first = load(kBase);
  EXPECT_EQ(json::print(first.effective).find("secret-secret"), std::string::npos);
  EXPECT_EQ(json::print(first.effective).find("another-secret"), std::string::npos);
  EXPECT_EQ(load(kBase, "etc", "changed-changed-changed").digest, first.digest);
}

TEST(EffectiveConfig, DoesNotDependOnHowTheFileWasNamed) {
  const std::string text = std::string(kBase) + "rules: [ \"r*.yaml\" ]\nhead_file: ../head\n";
  EXPECT_EQ(load(text, "etc").digest, load(text, "srv/pawl/etc").digest);
  EXPECT_EQ(load(text + "# a comment\n").digest, load(text).digest);
}

TEST(EffectiveConfig, ASignersSocketBeginsAtTheFolderOfTheFile) {
  FaultFiles files;
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  files.put("etc/pawl.yaml",
            "keys: { instance: \"signer:./sign.sock\", log: \"signer:/run/s\" }\n");
  const Result<KeySources> keys = load_keys(files, "etc/pawl.yaml", nothing);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->instance.name, "etc/sign.sock");
  EXPECT_EQ(keys->log.name, "/run/s");
}

// Whoever adds a member to pawl.yaml adds it here: what is not shown is not recorded either.
TEST(EffectiveConfig, EachMemberChangesItsSectionAndNoOther) {
  struct Case {
    const char* section;
    const char* member;
  };
  const Case cases[] = {
      {"listen", "listen: 127.0.0.1:7"},
      {"override", "override: 127.0.0.1:9"},
      {"data", "data: ./elsewhere"},
      {"head_file", "head_file: ../head"},
      {"domain", "domain: example.org"},
      {"node", "node: gw2"},
      {"pseudonyms", "pseudonyms: true"},
      {"log_level", "log_level: warn"},
      {"mode", "mode: observe"},
      {"local_agent", "local_agent: me"},
      {"allowed_hosts", "allowed_hosts: [a.example]"},
      {"allowed_origins", "allowed_origins: [\"https://a.example\"]"},
      {"allow_remote_without_tls", "allow_remote_without_tls: true"},
      {"tls", "tls: { certificate: c.pem, key: k.pem }"},
      {"service", "service: { user: a, child_user: b }"},
      {"jwt_issuers", "jwt_issuers: [ { issuer: i, audience: [a], jwks_file: j } ]"},
      {"trust_domains", "trust_domains: { example.net: { jwks_file: j } }"},
      {"trust_domains", "trust_domains: { example.net: { bundle_file: b } }"},
      {"trusted_tokens", "trusted_tokens: [ { issuer: i, jwks_file: j } ]"},
      {"proofs", "proofs: { max_age_s: 60 }"},
      {"tokens", "tokens: { minimum_level: L1 }"},
      {"tokens", "tokens: { issue: ect-00 }"},
      {"audit", "audit: { domain: a.example }"},
      {"limits", "limits: { open_calls: 7 }"},
      {"telemetry", "telemetry: { traces: \"http://127.0.0.1:4318/v1/traces\" }"},
      {"witnesses", "witnesses: { policy: p }"},
      {"keys", "keys: { instance: \"credential:one\" }"},
  };
  const Loaded base = load(kBase);
  for (const Case& c : cases) {
    const Loaded changed = load(std::string(kBase) + c.member + "\n");
    EXPECT_EQ(changed_sections(base.sections, changed.sections),
              std::vector<std::string>{c.section})
        << c.member;
    EXPECT_NE(changed.digest, base.digest) << c.member;
  }
}

// Beside the longest texts of `audit` a record has 2,500 bytes for all of this.
TEST(EffectiveConfig, AllSectionsFitIntoARecord) {
  const Loaded all = load(std::string(kBase) +
                          "tls: { certificate: c.pem, key: k.pem }\n"
                          "service: { user: a, child_user: b }\n"
                          "audit: { domain: a.example }\nwitnesses: { policy: p }\n");
  std::size_t size = 300;  // digest, before, policy, version, development
  for (const auto& [name, digest] : all.sections) {
    size += name.size() + digest.size() + 6;
  }
  EXPECT_GT(all.sections.size(), 30u);
  EXPECT_LE(size, 2500u);
}

TEST(EffectiveConfig, EachMemberOfAServerAndAnAgentCounts) {
  const std::string server = "servers: { files: { command: [npx, a@1]";
  const Loaded base = load(server + " } }\nagents: { a: {} }\n");
  for (const char* more :
       {"cwd: x", "env: { A: b }", "isolation: shared", "max_upstreams: 3", "mode: observe",
        "idle_timeout_s: 5", "start_timeout_s: 5", "call_timeout_s: 5",
        "tools: { read: { effects: read_only } }", "tools: { read: { idempotent: true } }",
        "tools: { read: { reads: [args.path] } }", "tools: { read: { writes: [args.path] } }"}) {
    const Loaded changed = load(server + ", " + more + " } }\nagents: { a: {} }\n");
    EXPECT_EQ(changed_sections(base.sections, changed.sections),
              std::vector<std::string>{"servers"})
        << more;
  }
  EXPECT_NE(load("servers: { files: { command: [npx, a@2] } }\nagents: { a: {} }\n").digest,
            base.digest)
      << "a word of the command";
  for (const char* agent : {"groups: [g]", "mode: observe", "key: \"${SECRET}\"",
                            "identities: [\"spiffe://example.net/a\"]"}) {
    const Loaded changed = load(server + " } }\nagents: { a: { " + std::string(agent) + " } }\n" +
                                "trust_domains: { example.net: { jwks_file: j } }\n");
    const Loaded with_domain = load(server + " } }\nagents: { a: {} }\n" +
                                    "trust_domains: { example.net: { jwks_file: j } }\n");
    EXPECT_EQ(changed_sections(with_domain.sections, changed.sections),
              std::vector<std::string>{"agents"})
        << agent;
  }
}

TEST(EffectiveConfig, NamesWhatCameAndWhatWent) {
  EXPECT_EQ(changed_sections({}, {{"a", "1"}}), std::vector<std::string>{"a"});
  EXPECT_EQ(changed_sections({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"b", "2"}, {"c", "4"}}),
            (std::vector<std::string>{"a", "c"}));
}

// docs/formats/records.md.
TEST(EffectiveConfig, TheDigestOfACommandIsThatOfItsWordsAsJson) {
  EXPECT_EQ(argv_hash({"npx", "server@1"}), "zC_WRWUovSKc73J9F7XhpyoVEQ0PIGZe2mKTWbPqZP4");
  EXPECT_NE(argv_hash({"a", "bc"}), argv_hash({"ab", "c"}));
}

}  // namespace
}  // namespace pawl
