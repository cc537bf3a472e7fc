#include <gtest/gtest.h>

#include "app/config/effective_config.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

const std::string kSecret = "whsec_" + std::string(32, 'A');

class ApprovalConfigTest : public testing::Test {
 protected:
  ApprovalConfigTest() {
    EXPECT_TRUE(files_.make_directory("etc"));
    EXPECT_TRUE(write_file(files_, "etc/secret", kSecret + "\n"));
  }
  Result<Config> load(const std::string& notify) {
    EXPECT_TRUE(write_file(files_, "etc/pawl.yaml", "approval:\n  notify:\n" + notify));
    return load_config(files_, "etc/pawl.yaml", [](const std::string& name) {
      return name == "HOOK" ? std::optional<std::string>(kSecret) : std::nullopt;
    });
  }

  FaultFiles files_;
};

TEST_F(ApprovalConfigTest, ASecretComesFromAVariableOrAFileAndIsNeverShown) {
  const Result<Config> config = load(
      "    - { webhook: \"https://hook.example/PATH\", secret: \"${HOOK}\" }\n"
      "    - { webhook: \"http://127.0.0.1:9000/x\", secret: \"file:secret\" }\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->approval.webhooks.size(), 2u);
  for (const notify::Webhook& webhook : config->approval.webhooks) {
    EXPECT_EQ(webhook.key, std::string(24, '\0'));
  }
  const Result<ConfigParts> parts = load_parts(files_, *config, {});
  ASSERT_TRUE(parts);
  const std::string shown = json::print(effective_config(*config, *parts));
  EXPECT_NE(shown.find("https://hook.example"), std::string::npos);
  for (const char* hidden : {"PATH", "AAAA"}) {
    EXPECT_EQ(shown.find(hidden), std::string::npos) << hidden;
  }
}

TEST_F(ApprovalConfigTest, MistakesAreNamed) {
  const std::string secret = ", secret: \"" + kSecret + "\" }\n";
  const std::pair<std::string, const char*> mistakes[] = {
      {"    - { webhook: \"http://hook.example/x\"" + secret, "of https, or of http on a loopback"},
      {"    - { webhook: \"https://user@hook.example/x\"" + secret, "of https"},
      {"    - { webhook: \"ftp://hook.example/x\"" + secret, "of https"},
      {"    - { secret: \"" + kSecret + "\" }\n", "of https"},
      {"    - { webhook: \"https://hook.example/x\" }\n", "expected whsec_"},
      {"    - { webhook: \"https://hook.example/x\", secret: hunter2 }\n", "expected whsec_"},
      {"    - { webhook: \"https://hook.example/x\", secret: \"${NONE}\" }\n", "NONE"},
      {"    - { webhook: \"https://hook.example/x\", secrets: x" + secret, "secrets"},
  };
  for (const auto& [text, says] : mistakes) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message.find(says), std::string::npos) << config.error().message;
    EXPECT_EQ(config.error().message.find("hunter2"), std::string::npos);
  }
  std::string many;
  for (int i = 0; i < 9; ++i) {
    many += "    - { webhook: \"https://hook.example/x\"" + secret;
  }
  EXPECT_FALSE(load(many));
}

TEST_F(ApprovalConfigTest, WithoutAWebhookTheDigestOfTheSectionStays) {
  const Result<Config> config = load("    []\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(show_config(*config).find("notify"), std::string::npos);
}

}  // namespace
}  // namespace pawl
