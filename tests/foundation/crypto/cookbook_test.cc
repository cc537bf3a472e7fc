// Published signatures of the JOSE cookbook (tests/vectors/jose-cookbook).
#include <gtest/gtest.h>

#include "foundation/crypto/signing_key.h"
#include "tests/foundation/crypto/vectors.h"

namespace pawl {
namespace {

// The examples have whole key pairs, which are no public keys.
json::Value public_part(const json::Value& jwk) {
  json::Object out;
  for (const char* member : {"kty", "n", "e", "crv", "x"}) {
    if (const json::Value* value = json::find(jwk, {member})) {
      out[member] = *value;
    }
  }
  return out;
}

TEST(JoseCookbook, SignaturesVerifyAndNoOtherText) {
  for (const char* name : {"4_1.rsa_v15_signature.json", "curve25519_jws.json"}) {
    const Result<std::string> text =
        read_file(system_files(), source_dir() + "/tests/vectors/jose-cookbook/" + name);
    ASSERT_TRUE(text) << name;
    const Result<json::Parsed> example = json::parse(*text);
    ASSERT_TRUE(example) << name;
    const json::Value& value = example->value;
    const Result<PublicKey> key =
        PublicKey::from_jwk(public_part(*json::find(value, {"input", "key"})));
    ASSERT_TRUE(key) << name << ": " << key.error().message;
    const std::string alg(json::find_string(value, {"input", "alg"}).value_or(""));
    const std::string signed_text(json::find_string(value, {"signing", "sig-input"}).value_or(""));
    const std::string signature =
        *base64url_decode(json::find_string(value, {"signing", "sig"}).value_or(""));
    EXPECT_EQ(key->verify(alg, signed_text, signature), Verdict3::kValid) << name;
    EXPECT_EQ(key->verify(alg, signed_text + "x", signature), Verdict3::kInvalid) << name;
  }
}

}  // namespace
}  // namespace pawl
