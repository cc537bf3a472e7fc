// Project Wycheproof's tokens that must not verify (tests/vectors/wycheproof).
#include <gtest/gtest.h>

#include "foundation/jose/jws.h"
#include "tests/foundation/crypto/vectors.h"

namespace pawl::jose {
namespace {

const std::vector<std::string> kAll = {"ES256", "ES384", "EdDSA", "RS256", "PS256"};

// Ours is narrower than the standard (asymmetric only, a payload that is a JSON object, no `crit`),
// so not every valid token is one of ours.
TEST(WycheproofJws, NoInvalidTokenVerifies) {
  int invalid = 0;
  int keys = 0;
  for (const json::Value& group :
       testing::vectors("wycheproof/json_web_signature_test.json", "testGroups")) {
    const json::Value* jwk = json::find(group, {"public"});
    const Result<PublicKey> key =
        jwk != nullptr ? PublicKey::from_jwk(*jwk) : fail(Code::kNotFound, "a symmetric key");
    keys += key ? 1 : 0;
    for (const json::Value& test : json::find(group, {"tests"})->get_array()) {
      const Result<Jws> jws = decode(testing::text_of(test, "jws"));
      const bool accepted = jws && key && verify(*jws, *key, kAll);
      if (testing::text_of(test, "result") == "invalid") {
        EXPECT_FALSE(accepted) << "case " << json::print(*json::find(test, {"tcId"})) << ": "
                               << testing::text_of(test, "comment");
        ++invalid;
      }
    }
  }
  EXPECT_EQ(invalid, 355);
  EXPECT_GT(keys, 0);
}

}  // namespace
}  // namespace pawl::jose
