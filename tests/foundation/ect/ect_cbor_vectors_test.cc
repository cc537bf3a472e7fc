// The vectors of the CBOR form: made by another implementation (cborg and Node's crypto).
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/files.h"
#include "foundation/ect/ect_cbor.h"
#include "tests/support/source_dir.h"

namespace pawl::ect {
namespace {

TEST(EctCbor, EveryTokenOfTheVectorsIsJudgedAsThePageSays) {
  const Result<std::string> file =
      read_file(system_files(), source_dir() + "/tests/vectors/ect/cbor.json");
  ASSERT_TRUE(file) << file.error().message;
  const Result<json::Parsed> parsed = json::parse(*file);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const json::Value& vectors = parsed->value;
  const auto member = [](const json::Value& object, std::string_view name) {
    return std::string(json::find_string(object, {name}).value_or(""));
  };
  const json::Value& jwk = json::find(vectors, {"keys"})->get_array().at(0);
  const Result<PublicKey> their_key = PublicKey::from_jwk(jwk);
  ASSERT_TRUE(their_key);
  const KeyResolver resolve = [&](std::string_view iss, std::string_view kid) -> Result<PublicKey> {
    return iss == member(vectors, "issuer") && kid == member(jwk, "kid")
               ? Result<PublicKey>(*their_key)
               : fail(Code::kNotFound, "no such key");
  };
  const VerifyOptions options{
      .now = WallTime{json::find(vectors, {"now"})->get_int64() * 1'000'000},
      .audience = member(vectors, "audience"),
      .accept_cbor = true};
  const json::Array& cases = json::find(vectors, {"cases"})->get_array();
  ASSERT_GT(cases.size(), 20U);
  for (const json::Value& one : cases) {
    const std::string name = member(one, "name");
    const std::string expect = member(one, "expect");
    const Result<Token> token = verify(member(one, "token"), resolve, options);
    if (expect != "ok") {
      ASSERT_FALSE(token) << name;
      EXPECT_TRUE(token.error().message.starts_with(expect + ":"))
          << name << ": " << token.error().message;
      continue;
    }
    ASSERT_TRUE(token) << name << ": " << token.error().message;
    EXPECT_EQ(json::canonical(json::parse(print(token->claims))->value),
              json::canonical(*json::find(one, {"claims"})))
        << name;
    if (!member(one, "payload").empty()) {
      EXPECT_EQ(hex_encode(print_cbor(token->claims).value_or("")), member(one, "payload")) << name;
    }
  }
}

}  // namespace
}  // namespace pawl::ect
