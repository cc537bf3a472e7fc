// The refusals of docs/formats/sd_jwt.md, each with its reason: made by another implementation.
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "foundation/sd_jwt/sd_jwt.h"
#include "tests/support/source_dir.h"

namespace pawl::sd_jwt {
namespace {

TEST(SdJwtVectors, EveryTokenIsJudgedAsThePageSays) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/sd_jwt/refusals.json");
  ASSERT_TRUE(text) << text.error().message;
  const json::Value vectors = json::parse(*text)->value;
  const auto member = [&](std::string_view name) {
    return std::string(json::find_string(vectors, {name}).value_or(""));
  };
  const auto key = [&](const jose::Jws&) { return PublicKey::from_jwk(vectors.at("issuer_key")); };
  const json::Array& cases = vectors.at("cases").get_array();
  ASSERT_GE(cases.size(), 50U);
  for (const json::Value& one : cases) {
    VerifyOptions options{.now = WallTime{vectors.at("now").get_int64() * 1'000'000},
                          .types = {member("type")}};
    if (json::find(one, {"key_binding"}) != nullptr) {
      options.key_binding = KeyBinding{member("audience"), member("nonce")};
    }
    const Result<Verified> shown = verify(*json::find_string(one, {"sd_jwt"}), key, options);
    const std::string reason =
        shown ? "ok" : shown.error().message.substr(0, shown.error().message.find(':'));
    EXPECT_EQ(reason, *json::find_string(one, {"reason"})) << *json::find_string(one, {"name"});
  }
}

}  // namespace
}  // namespace pawl::sd_jwt
