#include "foundation/cose/sign1.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "base/encoding.h"
#include "base/files.h"
#include "base/json.h"
#include "tests/support/source_dir.h"

namespace pawl::cose {
namespace {

json::Value vector_of(const std::string& name) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/cose-wg/" + name + ".json");
  const Result<json::Parsed> parsed = text ? json::parse(*text) : fail(text.error());
  EXPECT_TRUE(parsed) << name << ": " << parsed.error().message;
  return parsed ? parsed->value : json::Value();
}

std::string text_of(const json::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(json::find_string(value, path).value_or(""));
}

std::string bytes_of(const json::Value& value, std::initializer_list<std::string_view> path) {
  std::string hex = text_of(value, path);
  std::transform(hex.begin(), hex.end(), hex.begin(), [](unsigned char c) { return tolower(c); });
  return hex_decode(hex).value_or("");
}

// The examples name a coordinate in base64url, or in hex with "_hex" behind its name.
Result<PublicKey> key_of(const json::Value& example) {
  json::Object jwk;
  for (const auto& member : json::find(example, {"input", "sign0", "key"})->get_object()) {
    const std::string name(member.key());
    const bool is_hex = name.ends_with("_hex");
    const std::string plain = is_hex ? name.substr(0, name.size() - 4) : name;
    if (plain != "d" && plain != "kid") {
      jwk[plain] =
          is_hex
              ? json::Value(base64url_encode(hex_decode(member.value().get_string()).value_or("")))
              : member.value();
    }
  }
  return PublicKey::from_jwk(json::Value(std::move(jwk)));
}

Status judge(const json::Value& example, const std::string& message) {
  const Result<PublicKey> key = key_of(example);
  const Result<Sign1> decoded = key ? decode(message, cbor::Form::kAny) : fail(key.error());
  if (!decoded) {
    return fail(decoded.error());
  }
  const std::string aad = bytes_of(example, {"input", "sign0", "external"});
  return verify(*decoded, *key, {"ES256", "ES384", "EdDSA"}, {.external_aad = aad});
}

struct Row {
  std::string name;
  bool passes;
  std::string why;  // part of the reason
};

// Every COSE_Sign1 example of the working group. Those that we refuse though they are well-formed:
// alg outside the protected header (RFC 9052, section 3.1, asks for it there), ES512, Ed448.
TEST(Sign1, JudgesTheWorkingGroupsExamples) {
  const Row rows[] = {
      {"sign1-tests/sign-pass-01", false, "in the protected header"},
      {"sign1-tests/sign-pass-02", true, ""},
      {"sign1-tests/sign-pass-03", true, ""},
      {"sign1-tests/sign-fail-01", false, "tag"},
      {"sign1-tests/sign-fail-02", false, "signature is not"},
      {"sign1-tests/sign-fail-03", false, "alg must be"},
      {"sign1-tests/sign-fail-04", false, "alg must be"},
      {"sign1-tests/sign-fail-06", false, "signature is not"},
      {"sign1-tests/sign-fail-07", false, "signature is not"},
      {"ecdsa-examples/ecdsa-sig-01", true, ""},
      {"ecdsa-examples/ecdsa-sig-02", true, ""},
      {"ecdsa-examples/ecdsa-sig-03", false, ""},
      {"ecdsa-examples/ecdsa-sig-04", false, "alg must be"},
      {"eddsa-examples/eddsa-sig-01", true, ""},
      {"eddsa-examples/eddsa-sig-02", false, ""},
      {"CWT/A_3", true, ""},
  };
  for (const Row& row : rows) {
    const json::Value example = vector_of(row.name);
    const std::string message = bytes_of(example, {"output", "cbor"});
    ASSERT_FALSE(message.empty()) << row.name;
    const Status verdict = judge(example, message);
    EXPECT_EQ(verdict.has_value(), row.passes)
        << row.name << ": " << (verdict ? "passes" : verdict.error().message);
    if (!verdict) {
      EXPECT_NE(verdict.error().message.find(row.why), std::string::npos)
          << row.name << ": " << verdict.error().message;
      continue;
    }
    // No bit of what was signed can change. (kid and the CBOR tag are not signed.)
    for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
      std::string altered = message;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
      const Result<Sign1> decoded = decode(altered, cbor::Form::kAny);
      const Result<Sign1> right = decode(message, cbor::Form::kAny);
      const bool same = decoded && decoded->protected_bytes == right->protected_bytes &&
                        decoded->payload == right->payload &&
                        decoded->signature == right->signature;
      EXPECT_TRUE(same || !judge(example, altered)) << row.name << ", bit " << bit;
    }
  }
}

TEST(Sign1, ReadsTheClaimsOfTheCwtExample) {
  const json::Value example = vector_of("CWT/A_3");
  const Result<Sign1> token =
      decode(bytes_of(example, {"output", "cbor"}), cbor::Form::kDeterministic);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->payload, bytes_of(example, {"input", "plaintext_hex"}));
  const Result<cbor::Item> claims = cbor::read(*token->payload);
  ASSERT_TRUE(claims) << claims.error().message;
  const cbor::Map& map = *claims->value.get<cbor::Map>();
  EXPECT_EQ(*cbor::find(map, 1)->get<std::string>(), "coap://as.example.com");
  EXPECT_EQ(*cbor::find(map, 4)->get<std::int64_t>(), 1444064944);
  EXPECT_EQ(cbor::find(map, 7)->get<cbor::Bytes>()->bytes, "\x0b\x71");
}

SigningKey made_key(KeyKind kind) {
  Result<SigningKey> key = SigningKey::generate(kind);
  EXPECT_TRUE(key);
  return *std::move(key);
}

TEST(Sign1, SignsWhatItVerifies) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kEd25519}) {
    const SigningKey key = made_key(kind);
    Draft draft;
    draft.tags = {kTagCwt, kTagSign1};
    draft.kid = "k1";
    draft.payload = "words";
    const Result<std::string> bytes = sign(key, draft, "beside");
    ASSERT_TRUE(bytes) << bytes.error().message;
    const Result<Sign1> message = decode(*bytes, cbor::Form::kDeterministic);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->tags, draft.tags);
    EXPECT_EQ(message->kid, "k1");
    const std::vector<std::string> allowed = {"ES256", "EdDSA"};
    EXPECT_TRUE(verify(*message, key.public_key(), allowed, {.external_aad = "beside"}));
    EXPECT_EQ(verify(*message, key.public_key(), allowed).error().code, Code::kBadSignature);
    EXPECT_EQ(verify(*message, key.public_key(), {}, {.external_aad = "beside"}).error().code,
              Code::kTokenInvalid);
    EXPECT_EQ(verify(*message, made_key(kind).public_key(), allowed, {.external_aad = "beside"})
                  .error()
                  .code,
              Code::kBadSignature);
  }
}

TEST(Sign1, AKeyOfAnotherKindDoesNotFit) {
  Draft draft;
  draft.payload = "words";
  const Result<std::string> bytes = sign(made_key(KeyKind::kP256), draft);
  ASSERT_TRUE(bytes);
  const Result<Sign1> message = decode(*bytes, cbor::Form::kDeterministic);
  ASSERT_TRUE(message);
  const Status verdict =
      verify(*message, made_key(KeyKind::kEd25519).public_key(), {"ES256", "EdDSA"});
  EXPECT_EQ(verdict.error().code, Code::kTokenInvalid);
}

TEST(Sign1, ADetachedPayloadIsGivenBesideAndOnlyThen) {
  const SigningKey key = made_key(KeyKind::kEd25519);
  Draft draft;
  draft.payload = "root";
  draft.is_detached = true;
  const Result<std::string> bytes = sign(key, draft);
  ASSERT_TRUE(bytes);
  const Result<Sign1> message = decode(*bytes, cbor::Form::kDeterministic);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->payload);
  EXPECT_TRUE(verify(*message, key.public_key(), {"EdDSA"}, {.payload = "root"}));
  EXPECT_FALSE(verify(*message, key.public_key(), {"EdDSA"}, {.payload = "other"}));
  EXPECT_FALSE(verify(*message, key.public_key(), {"EdDSA"}));
  draft.is_detached = false;
  const Result<Sign1> attached = decode(*sign(key, draft), cbor::Form::kDeterministic);
  EXPECT_FALSE(verify(*attached, key.public_key(), {"EdDSA"}, {.payload = "root"}));
}

struct BadRow {
  std::string_view hex;
  std::string_view why;
};

// The signature is never looked at: each is refused for its form.
TEST(Sign1, RefusesWhatIsNoSign1) {
  const BadRow rows[] = {
      {"d28443a10126a0f640", "signature is empty"},
      {"d28343a10126a0f6", "array of four"},
      {"d2a0", "array of four"},
      {"d18443a10126a0f64101", "tag"},          // COSE_Mac0
      {"d28443a10105a0f64101", "alg must be"},  // HMAC 256
      {"d28443a10100a0f64101", "alg must be"},  // 0 is reserved
      {"d28440a0f64101", "alg must be"},        // none at all
      {"d28440a10126f64101", "alg must be"},    // alg that nobody signed
      {"d28443a10126a1012"
       "6f64101",
       "both headers"},
      {"d28446a201260281"
       "00a0f64101",
       "crit"},
      {"d28443a10126a1028104f64101", "crit"},
      {"d28443a10126a10461"
       "31f64101",
       "kid must be"},
      {"d28443a10126a0614"
       "14101",
       "payload"},
      {"d28441f6a0f64101", "expected a map"},
      {"d2844401a10126a0f64101", "protected header"},
      {"d28444a10126"
       "00a0f64101",
       "behind the item"},
      {"d28443a10126a0f6410100", "behind the item"},
  };
  for (const BadRow& row : rows) {
    const Result<Sign1> message = decode(hex_decode(row.hex).value_or("bad hex"), cbor::Form::kAny);
    ASSERT_FALSE(message) << row.hex;
    EXPECT_EQ(message.error().code, Code::kTokenInvalid) << row.hex;
    EXPECT_NE(message.error().message.find(row.why), std::string::npos)
        << row.hex << ": " << message.error().message;
  }
}

}  // namespace
}  // namespace pawl::cose
