#include <gtest/gtest.h>

#include "app/config/effective_config.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

class OutsideConfigTest : public testing::Test {
 protected:
  OutsideConfigTest() { EXPECT_TRUE(files_.make_directory("etc")); }
  const Environment environment_ = [](const std::string& name) {
    return name == "PDP" ? std::optional<std::string>("Bearer s3cret") : std::nullopt;
  };
  Result<Config> load(const std::string& points) {
    EXPECT_TRUE(write_file(files_, "etc/pawl.yaml", "policy:\n  outside:\n" + points));
    return load_config(files_, "etc/pawl.yaml", environment_);
  }

  FaultFiles files_;
};

TEST_F(OutsideConfigTest, PointsAreReadAndTheirCredentialsAreNeverShown) {
  const Result<Config> config = load(
      "    - { kind: opa, url: \"http://127.0.0.1:8181/v1/data/pawl/allow\" }\n"
      "    - { kind: authzen, url: \"https://pdp.example/access/v1/evaluation?k=s3cret\",\n"
      "        timeout_ms: 50, arguments: true, headers: { authorization: \"${PDP}\" } }\n");
  ASSERT_TRUE(config) << config.error().message;
  const Result<OutsidePointsConfig> points = load_outside(files_, *config, environment_);
  ASSERT_TRUE(points) << points.error().message;
  ASSERT_EQ(points->size(), 2u);
  EXPECT_EQ(points->at(0).kind, decision::Kind::kOpa);
  EXPECT_EQ(points->at(0).timeout_ms, 500);
  EXPECT_FALSE(points->at(0).arguments);
  EXPECT_EQ(points->at(0).name(), "opa:http://127.0.0.1:8181");
  EXPECT_EQ(points->at(1).name(), "authzen:https://pdp.example");
  EXPECT_EQ(points->at(1).headers.get("Authorization"), "Bearer s3cret");
  const Result<ConfigParts> parts = load_parts(files_, *config, {});
  ASSERT_TRUE(parts);
  const std::string shown = json::print(effective_config(*config, *parts));
  EXPECT_NE(shown.find("https://pdp.example/access/v1/evaluation"), std::string::npos);
  EXPECT_EQ(shown.find("s3cret"), std::string::npos);
}

TEST_F(OutsideConfigTest, MistakesAreNamed) {
  const std::string url = ", url: \"http://127.0.0.1:1/x\"";
  const std::pair<std::string, const char*> mistakes[] = {
      {"    - { kind: xacml" + url + " }\n", "authzen, opa"},
      {"    - { url: \"http://127.0.0.1:1/x\" }\n", "authzen, opa"},
      {"    - { kind: opa }\n", "https, or of http on a loopback"},
      {"    - { kind: opa, url: \"http://pdp.example/x\" }\n", "https, or of http on a loopback"},
      {"    - { kind: opa, timeout_ms: 0" + url + " }\n", "timeout_ms"},
      {"    - { kind: opa, timeout_ms: 60000" + url + " }\n", "timeout_ms"},
      {"    - { kind: opa, fail_open: true" + url + " }\n", "fail_open"},
      {"    - { kind: opa, headers: { authorization: \"${NONE}\" }" + url + " }\n", "NONE"},
  };
  for (const auto& [text, says] : mistakes) {
    const Result<Config> config = load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message.find(says), std::string::npos) << config.error().message;
  }
  std::string many;
  for (int i = 0; i < 5; ++i) {
    many += "    - { kind: opa" + url + " }\n";
  }
  EXPECT_FALSE(load(many));
}

}  // namespace
}  // namespace pawl
