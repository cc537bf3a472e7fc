// The published vectors (tests/vectors/ect): made by another implementation, read by this one.
#include <gtest/gtest.h>

#include "base/files.h"
#include "foundation/ect/ect.h"
#include "tests/support/source_dir.h"

namespace pawl::ect {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  return std::string(json::find_string(object, {name}).value_or(""));
}

TEST(EctVectors, EveryTokenIsJudgedAsThePageSays) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/ect/tokens.json");
  ASSERT_TRUE(text) << text.error().message;
  const Result<json::Parsed> parsed = json::parse(*text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const json::Value& vectors = parsed->value;

  const json::Value& jwk = json::find(vectors, {"keys"})->get_array().at(0);
  const Result<PublicKey> key = PublicKey::from_jwk(jwk);
  ASSERT_TRUE(key) << key.error().message;
  const KeyResolver resolve = [&](std::string_view iss, std::string_view kid) -> Result<PublicKey> {
    if (iss == text_of(vectors, "issuer") && kid == text_of(jwk, "kid")) {
      return *key;
    }
    return fail(Code::kNotFound, "no such key");
  };
  const VerifyOptions options{
      .now = WallTime{json::find(vectors, {"now"})->get_int64() * 1'000'000},
      .audience = text_of(vectors, "audience")};

  const json::Array& cases = json::find(vectors, {"cases"})->get_array();
  ASSERT_GT(cases.size(), 50U);
  for (const json::Value& one : cases) {
    const std::string name = text_of(one, "name");
    const std::string expect = text_of(one, "expect");
    const Result<Token> token = verify(text_of(one, "token"), resolve, options);
    if (expect == "ok") {
      ASSERT_TRUE(token) << name << ": " << token.error().message;
      EXPECT_EQ(token->claims.exec_act, text_of(one, "act")) << name;
      EXPECT_EQ(token->compact, text_of(one, "token")) << name;
    } else {
      ASSERT_FALSE(token) << name;
      EXPECT_EQ(token.error().code, Code::kTokenInvalid) << name;
      EXPECT_EQ(token.error().message.substr(0, expect.size() + 1), expect + ":")
          << name << ": " << token.error().message;
    }
  }
}

}  // namespace
}  // namespace pawl::ect
