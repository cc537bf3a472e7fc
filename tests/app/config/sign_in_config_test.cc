#include "app/config/sign_in_config.h"

#include <gtest/gtest.h>

#include "app/config/effective_config.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

constexpr const char* kOidc =
    "sign_in:\n"
    "  address: https://pawl.example.org\n"
    "  local: false\n"
    "  oidc:\n"
    "    issuer: https://idp.example.org\n"
    "    client_id: pawl\n"
    "    client_secret: file:secret\n"
    "    authorization_url: https://idp.example.org/auth\n"
    "    token_url: https://idp.example.org/token\n"
    "    jwks_url: https://idp.example.org/jwks\n"
    "    roles:\n"
    "      - { claim: groups, value: ops, grant: operator }\n";

class SignInConfigTest : public testing::Test {
 protected:
  SignInConfigTest() {
    EXPECT_TRUE(files_.make_directory("etc"));
    EXPECT_TRUE(write_file(files_, "etc/secret", "a-client-secret\n"));
  }
  Result<Config> load(const std::string& text) {
    EXPECT_TRUE(write_file(files_, "etc/pawl.yaml", text));
    return load_config(files_, "etc/pawl.yaml",
                       [](const std::string&) { return std::optional<std::string>(); });
  }

  FaultFiles files_;
};

TEST_F(SignInConfigTest, NobodySignsInUnlessItIsSaid) {
  EXPECT_FALSE(load("domain: example.org\n")->sign_in);
  const Result<Config> config = load("sign_in: {}\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->sign_in);
  EXPECT_TRUE(config->sign_in->local);
  EXPECT_FALSE(config->sign_in->oidc);
}

TEST_F(SignInConfigTest, AProviderIsReadAndItsSecretIsNeverShown) {
  const Result<Config> config = load(kOidc);
  ASSERT_TRUE(config) << config.error().message;
  const OidcConfig& oidc = *config->sign_in->oidc;
  EXPECT_EQ(oidc.client_secret, "a-client-secret");
  EXPECT_EQ(oidc.algorithms, (std::vector<std::string>{"ES256", "RS256"}));
  EXPECT_EQ(oidc.name_claim, "preferred_username");
  EXPECT_TRUE(oidc.must_name_itself);
  const Result<ConfigParts> parts = load_parts(files_, *config, {});
  ASSERT_TRUE(parts);
  const std::string shown = json::print(effective_config(*config, *parts));
  EXPECT_NE(shown.find("https://idp.example.org/token"), std::string::npos);
  EXPECT_EQ(shown.find("a-client-secret"), std::string::npos);
}

TEST_F(SignInConfigTest, AMistakeNamesItsPlace) {
  const auto with = [](std::string_view old, std::string_view text) {
    std::string out = kOidc;
    return out.replace(out.find(old), old.size(), text);
  };
  const struct {
    std::string text, expected;
  } cases[] = {
      {"sign_in: { x: 1 }\n", "pawl.yaml:1:"},
      {"sign_in: { local: false }\n", "nobody can sign in"},
      {"sign_in: { address: https://pawl.example.org/ }\n", "without a path"},
      {"sign_in: { address: \"https://pawl.example.org:443\" }\n", "without a path"},
      {"sign_in: { address: http://pawl.example.org }\n", "without a path"},
      {"sign_in: { address: \"http://127.0.0.1:7701\" }\n", "with a name"},
      {"sign_in: { address: \"http://[::1]:7701\" }\n", "with a name"},
      {"sign_in: { address: pawl.example.org }\n", "with a name"},
      {with("  address: https://pawl.example.org\n", ""), "needs sign_in.address"},
      {with("https://idp.example.org/token", "http://idp.example.org/token"), "https URL"},
      {with("    client_id: pawl\n", ""), "issuer and client_id"},
      {with("    client_id: pawl\n", "    client_id: pawl\n    algorithms: [HS256]\n"), "ES256"},
      {with("    client_id: pawl\n", "    client_id: pawl\n    scopes: [profile]\n"), "openid"},
      {with("grant: operator }", "grant: \"\" }"), "claim, value and grant"},
      {with("      - { claim: groups, value: ops, grant: operator }\n", "      []\n"),
       "at least one"},
  };
  for (const auto& one : cases) {
    const Result<Config> config = load(one.text);
    ASSERT_FALSE(config) << one.text;
    EXPECT_NE(config.error().message.find(one.expected), std::string::npos)
        << config.error().message;
    EXPECT_NE(config.error().message.find("pawl.yaml:"), std::string::npos);
  }
  EXPECT_TRUE(load("sign_in: { address: \"http://localhost:7701\" }\n"));
  EXPECT_TRUE(load("sign_in: { address: \"https://pawl.example.org:8443\" }\n"));
}

}  // namespace
}  // namespace pawl
