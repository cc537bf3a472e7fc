#include "app/config/form_config.h"

#include <gtest/gtest.h>

#include "tests/support/fault_files.h"

namespace pawl {
namespace {

Result<FormConfig> load(const std::string& text) {
  FaultFiles files;
  EXPECT_TRUE(files.make_directory("etc"));
  EXPECT_TRUE(write_file(files, "etc/pawl.yaml", text));
  return load_form(files, "etc/pawl.yaml");
}

TEST(FormConfig, WithoutMembersThingsAreAsTheyWere) {
  for (const char* text : {"domain: example.org\n", "tokens: { minimum_level: L1 }\n"}) {
    const Result<FormConfig> form = load(text);
    ASSERT_TRUE(form) << form.error().message;
    EXPECT_FALSE(form->issues_ect00);
    EXPECT_FALSE(form->audit);
    EXPECT_TRUE(form->issuers.empty());
  }
  FaultFiles files;
  EXPECT_TRUE(load_form(files, "")) << "no file: the defaults";
  EXPECT_FALSE(load_form(files, "/none.yaml"));
}

TEST(FormConfig, EveryMemberIsRead) {
  EXPECT_TRUE(load("tokens: { issue: ect-00 }\n")->issues_ect00);
  EXPECT_FALSE(load("tokens: { issue: ect-01 }\n")->issues_ect00);
  const Result<FormConfig> form = load(
      "audit: { domain: a.example, jurisdiction: EU, framework: spiffe, regulations: [dora] }\n"
      "trusted_tokens:\n"
      "  - { issuer: \"spiffe://b.example/x\", jwks_file: b.json, profile: exec-audit,\n"
      "      framework: spiffe, domain: b.example, domain_member: com.b.domain }\n"
      "  - { issuer: c, jwks_file: c.json }\n");
  ASSERT_TRUE(form) << form.error().message;
  EXPECT_EQ(form->audit->domain, "a.example");
  EXPECT_EQ(form->audit->jurisdiction, "EU");
  EXPECT_EQ(form->audit->framework, "spiffe");
  EXPECT_EQ(form->audit->regulations, std::vector<std::string>{"dora"});
  const ect::IssuerRules& rules = form->issuers.at("spiffe://b.example/x");
  EXPECT_TRUE(rules.is_exec_audit);
  EXPECT_EQ(rules.domain, "b.example");
  EXPECT_EQ(rules.domain_member, "com.b.domain");
  EXPECT_FALSE(form->issuers.at("c").is_exec_audit);
}

// A record of the configuration has to fit beside them.
TEST(FormConfig, AuditTextsThatAreLongAsJsonAreRefused) {
  const auto audit = [](char filler) {
    const std::string text = "'" + std::string(128, filler) + "'";
    std::string out = "audit: { domain: " + text + ", jurisdiction: " + text +
                      ", framework: " + text + ", regulations: [";
    for (int i = 0; i < 8; ++i) {
      out += (i == 0 ? "" : ", ") + text;
    }
    return out + "] }\n";
  };
  EXPECT_TRUE(load(audit('x'))) << "all at their longest";
  const Result<FormConfig> refused = load(audit('"'));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("1,500 bytes"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace pawl
