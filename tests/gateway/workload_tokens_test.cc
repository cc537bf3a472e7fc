// Tokens that a workload signed with the key of its WIT: taken from it alone, and kept with it.
#include "gateway/workload_tokens.h"

#include <gtest/gtest.h>

#include "foundation/ect/received_token.h"
#include "path/proof_names.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr const char* kWeb = "spiffe://partner.example/web";

class WorkloadTokens : public testing::Test {
 protected:
  WorkloadTokens() { rig.open(); }

  std::string wit(const std::string& note = "", const std::string& subject = kWeb) const {
    json::Value jwk = json::parse(key.public_key().to_jwk())->value;
    jwk.as_object()["alg"] = "ES256";
    const json::Object claims{
        {"sub", subject}, {"cnf", json::Object{{"jwk", jwk}}}, {"note", note}};
    return jose::sign(domain, "wit+jwt", "k", json::print(claims)).value();
  }
  std::string token(const std::string& iss = kWeb) {
    ect::Claims words;
    words.iss = iss;
    words.aud = {"spiffe://example.org/agent/deploy"};
    words.iat = rig.clock.wall().seconds();
    words.exp = words.iat + 300;
    words.jti = Uuid::v7(rig.clock.wall(), rig.random);
    words.exec_act = "plan.step";
    return ect::issue(key, key.public_key().thumbprint(), words).value();
  }
  // `shown`: the WIT of the caller; empty: another credential.
  CallView& call(const std::string& text, const std::string& shown, const std::string& agent) {
    Action action = rig.action("tool.call", "read");
    action.caller.agent = agent;
    action.parent_tokens = {text};
    if (!shown.empty()) {
      action.caller.proven_by = std::make_shared<const std::vector<std::string>>(
          std::vector<std::string>{key_name("k"), wit_name(shown)});
    }
    return rig.submit_to_end(std::move(action));
  }

  GatewayRig rig;
  SigningKey domain = *SigningKey::generate(KeyKind::kP256);
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
};

TEST_F(WorkloadTokens, CountBesideTheWitAndAreKeptWithIt) {
  const std::string text = token(), shown = wit();
  ASSERT_TRUE(call(text, shown, "triage").released);
  const auto kept = rig.last_kept_token();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->text, text);
  EXPECT_EQ(kept->wit, shown);
  EXPECT_EQ(kept->wit_digest, "");
  EXPECT_EQ(kept->level, ect::Level::kL2);
}

// What one presentation verified is no key for another's.
TEST_F(WorkloadTokens, CountFromNobodyElse) {
  const std::string text = token();
  ASSERT_TRUE(call(text, wit(), "triage").released);
  const CallView& other = call(text, "", "deploy");
  ASSERT_TRUE(other.refused);
  EXPECT_EQ(other.refused->rule, "ect-invalid");
  EXPECT_TRUE(call(token("spiffe://partner.example/else"), wit(), "triage").refused);
}

// A token of this gateway's name counts as one of its records: as a parent of level 3 that stands
// in the ledger. A WIT of that name, whoever vouches for it, makes none.
TEST_F(WorkloadTokens, OneOfTheGatewaysOwnNameMakesNoRecordOfTheGateway) {
  const std::string self = rig.recorder->instance().spiffe();
  const CallView& forged = call(token(self), wit("", self), "triage");
  ASSERT_TRUE(forged.refused);
  EXPECT_EQ(forged.refused->code, Code::kTokenInvalid);
  EXPECT_EQ(forged.refused->rule, "ect-invalid");
  EXPECT_NE(forged.refused->reason.find("unknown_key: "), std::string::npos);
  EXPECT_NE(forged.refused->reason.find("own tokens are those of its own keys"), std::string::npos)
      << forged.refused->reason;
  EXPECT_FALSE(rig.last_kept_token());
}

TEST_F(WorkloadTokens, WithoutRoomTheWitIsKeptByItsDigest) {
  const std::string text = token(), shown = wit(std::string(3000, 'x'));
  ASSERT_TRUE(call(text, shown, "triage").released);
  const auto kept = rig.last_kept_token();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->text, text);
  EXPECT_EQ(kept->wit, "");
  EXPECT_EQ(kept->wit_digest, digest_text(sha256(shown)));
}

TEST_F(WorkloadTokens, AWitThatCannotBeReadIsNone) {
  EXPECT_TRUE(call(token(), "x.y.z", "triage").refused);
  EXPECT_FALSE(workload_of(Caller{}));
}

}  // namespace
}  // namespace pawl
