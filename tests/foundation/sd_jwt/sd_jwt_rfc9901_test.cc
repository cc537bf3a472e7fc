// The examples of RFC 9901: every disclosure, digest, structure and token (tests/vectors/sd_jwt).
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/sd_jwt/sd_jwt.h"
#include "foundation/sd_jwt/sd_jwt_issue.h"
#include "tests/support/source_dir.h"

#include <fstream>
#include <iterator>

namespace pawl::sd_jwt {
namespace {

const json::Value& vectors() {
  static const json::Value read = [] {
    std::ifstream file(source_dir() + "/tests/vectors/sd_jwt/rfc9901.json");
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {}))->value;
  }();
  return read;
}

const json::Array& rows(std::string_view name) {
  return json::find(vectors(), {name})->get_array();
}

std::string text_at(const json::Value& row, std::string_view name) {
  return std::string(json::find_string(row, {name}).value_or(""));
}

const SigningKey& any_key() {
  static const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  return key;
}

TEST(Rfc9901, EveryDisclosureReadsAsItsContents) {
  ASSERT_EQ(rows("disclosures").size(), 5U);
  for (const json::Value& row : rows("disclosures")) {
    const std::string digest = digest_text(sha256(text_at(row, "disclosure")));
    const json::Array& contents = row.at("contents").get_array();
    const std::string payload = contents.size() == 3 ? R"({"_sd":[")" + digest + "\"]}"
                                                     : R"({"a":[{"...":")" + digest + "\"}]}";
    const Result<SdJwt> token =
        parse(*jose::sign(any_key(), "", "", payload) + "~" + text_at(row, "disclosure") + "~");
    ASSERT_TRUE(token) << token.error().message;
    const Disclosure& read = token->disclosures.at(0);
    EXPECT_EQ(read.salt, contents[0].get_string());
    EXPECT_EQ(read.value, contents.back());
    EXPECT_EQ(read.name.value_or(""), contents.size() == 3 ? contents[1].get_string().c_str() : "");
    EXPECT_TRUE(process(*token));
  }
}

TEST(Rfc9901, EveryDigestIsThatOfItsDisclosure) {
  ASSERT_EQ(rows("digests").size(), 84U);
  for (const json::Value& row : rows("digests")) {
    EXPECT_EQ(digest_text(sha256(text_at(row, "disclosure"))), text_at(row, "digest"));
  }
}

TEST(Rfc9901, EveryStructureIsProcessedToTheSamePayload) {
  ASSERT_EQ(rows("structures").size(), 4U);
  for (const json::Value& row : rows("structures")) {
    std::string text = *jose::sign(any_key(), "", "", json::print(row.at("payload"))) + "~";
    for (const json::Value& one : row.at("disclosures").get_array()) {
      text.append(one.get_string()).append(1, '~');
    }
    const Result<SdJwt> token = parse(text);
    const Result<Processed> done = token ? process(*token) : fail(token.error());
    ASSERT_TRUE(done) << text_at(row, "section") << ": " << done.error().message;
    EXPECT_EQ(json::canonical(done->claims), json::canonical(row.at("processed")))
        << text_at(row, "section");
  }
}

Result<PublicKey> issuer_key(const jose::Jws&) {
  return PublicKey::from_jwk(vectors().at("issuer_key"));
}

VerifyOptions options_for(const json::Value& row) {
  VerifyOptions out{.now = WallTime{vectors().at("key_binding_iat").get_int64() * 1'000'000}};
  if (row.at("key_binding").get_bool()) {
    out.key_binding = KeyBinding{text_at(vectors(), "audience"), text_at(vectors(), "nonce")};
  }
  return out;
}

TEST(Rfc9901, EveryTokenVerifiesToItsProcessedPayload) {
  ASSERT_EQ(rows("tokens").size(), 11U);
  for (const json::Value& row : rows("tokens")) {
    const std::string name = text_at(row, "name");
    const VerifyOptions options = options_for(row);
    const Result<Verified> shown = verify(text_at(row, "sd_jwt"), issuer_key, options);
    ASSERT_TRUE(shown) << name << ": " << shown.error().message;
    EXPECT_EQ(shown->is_bound, options.key_binding.has_value()) << name;
    if (const json::Value* processed = json::find(row, {"processed"})) {
      EXPECT_EQ(json::canonical(shown->claims), json::canonical(*processed)) << name;
      EXPECT_GT(shown->withheld, 0U) << name;
    }
    VerifyOptions other = options;
    other.key_binding = options.key_binding ? std::nullopt : std::optional(KeyBinding{"a", "n"});
    const Result<Verified> refused = verify(text_at(row, "sd_jwt"), issuer_key, other);
    ASSERT_FALSE(refused) << name;
    EXPECT_TRUE(refused.error().message.starts_with(options.key_binding ? "key_binding_unexpected: "
                                                                        : "key_binding_missing: "))
        << name << ": " << refused.error().message;
  }
}

// What the issuer sent is presented in part, as the holder of the RFC did.
TEST(Rfc9901, APresentationOfTheIssuedTokenIsTheOneShown) {
  const auto token = [&](const std::string& name) {
    for (const json::Value& row : rows("tokens")) {
      if (text_at(row, "name") == name) {
        return text_at(row, "sd_jwt");
      }
    }
    return std::string();
  };
  const Result<std::string> shown =
      present(token("5.1 issued"), {"/given_name", "/family_name", "/address", "/nationalities/0"});
  ASSERT_TRUE(shown) << shown.error().message;
  const Result<SdJwt> ours = parse(*shown);
  const Result<SdJwt> theirs = parse(token("5.2 presented"));
  EXPECT_EQ(process(*ours)->claims, process(*theirs)->claims);
  EXPECT_EQ(ours->disclosures.size(), theirs->disclosures.size());
}

}  // namespace
}  // namespace pawl::sd_jwt
