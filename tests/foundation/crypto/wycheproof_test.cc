// Project Wycheproof: signatures and ciphertexts made to be taken by mistake
// (tests/vectors/wycheproof).
#include <gtest/gtest.h>

#include "foundation/crypto/aead.h"
#include "foundation/crypto/signing_key.h"
#include "tests/foundation/crypto/vectors.h"

namespace pawl {
namespace {

using testing::hex_of;
using testing::text_of;

struct File {
  const char* name;
  const char* alg;
  int cases;  // of the file: none is passed over
};

std::ostream& operator<<(std::ostream& out, const File& file) {
  return out << file.name;
}

class WycheproofSignatures : public ::testing::TestWithParam<File> {};

TEST_P(WycheproofSignatures, ValidOnesVerifyAndNoOthers) {
  const File& file = GetParam();
  int seen = 0;
  for (const json::Value& group :
       testing::vectors("wycheproof/" + std::string(file.name), "testGroups")) {
    const Result<PublicKey> key = PublicKey::from_pem(text_of(group, "publicKeyPem"));
    ASSERT_TRUE(key) << key.error().message;
    for (const json::Value& test : json::find(group, {"tests"})->get_array()) {
      ++seen;
      const std::string expected = text_of(test, "result");
      const Verdict3 verdict = key->verify(file.alg, hex_of(test, "msg"), hex_of(test, "sig"));
      if (expected != "acceptable") {
        EXPECT_EQ(verdict == Verdict3::kValid, expected == "valid")
            << "case " << json::print(*json::find(test, {"tcId"})) << ": "
            << text_of(test, "comment");
      }
    }
  }
  EXPECT_EQ(seen, file.cases);
}

INSTANTIATE_TEST_SUITE_P(
    Files, WycheproofSignatures,
    ::testing::Values(File{"ecdsa_secp256r1_sha256_p1363_test.json", "ES256", 262},
                      File{"ecdsa_secp384r1_sha384_p1363_test.json", "ES384", 280},
                      File{"ed25519_test.json", "EdDSA", 151},
                      File{"rsa_signature_2048_sha256_test.json", "RS256", 259},
                      File{"rsa_pss_2048_sha256_mgf1_32_test.json", "PS256", 108}));

TEST(WycheproofAead, OpensWhatIsValidAndNothingElse) {
  int seen = 0;
  for (const json::Value& group : testing::vectors("wycheproof/aes_gcm_test.json", "testGroups")) {
    const auto number = [&](const char* name) { return json::find(group, {name})->as_int64(); };
    if (number("ivSize") != 96 || number("keySize") != 256 || number("tagSize") != 128) {
      continue;  // forms that we do not have
    }
    for (const json::Value& test : json::find(group, {"tests"})->get_array()) {
      ++seen;
      const std::string sealed = hex_of(test, "iv") + hex_of(test, "ct") + hex_of(test, "tag");
      const Result<std::string> plain = aead_open(hex_of(test, "key"), hex_of(test, "aad"), sealed);
      EXPECT_EQ(plain.has_value(), text_of(test, "result") == "valid")
          << "case " << json::print(*json::find(test, {"tcId"}));
      if (plain) {
        EXPECT_EQ(*plain, hex_of(test, "msg"));
      }
    }
  }
  EXPECT_GT(seen, 60);
}

}  // namespace
}  // namespace pawl
