// Approval statements signed with passkeys by another implementation.
#include "operators/approval/passkey_statement.h"

#include <gtest/gtest.h>

#include "tests/foundation/crypto/vectors.h"
#include "tests/operators/approval/held_call.h"

namespace pawl::approval {
namespace {

using testing::text_of;

constexpr const char* kFile = "webauthn/passkeys.json";

json::Array rows() {
  return testing::vectors(kFile, "approvals");
}

sign_in::RelyingParty party() {
  return {"pawl.example.org", "https://pawl.example.org"};
}

// Ada has the passkeys of the first two rows.
EnrolledOperators ada() {
  EnrolledOperators out;
  const json::Array all = rows();
  for (std::size_t i = 0; i < 2; ++i) {
    Enrollment said;
    said.operator_name = "ada";
    said.key = *PublicKey::from_jwk(*json::find(all[i], {"key"}));
    said.kid = said.key->thumbprint();
    said.roles = {"approver"};
    said.passkey = Passkey{text_of(all[i], "credential"), party().id};
    said.bootstrap = i == 0;
    said.id = id_of(static_cast<std::uint8_t>(i + 1));
    said.exp = kNow + 60;
    out.apply({said, kNow, "token"});
  }
  return out;
}

Evidence evidence_of(const json::Value& row) {
  return {"", text_of(row, "statement"), text_of(row, "authenticator_data"),
          text_of(row, "client_data"), text_of(row, "signature")};
}

std::string outcome(const Result<VerifiedStatement>& result) {
  return result ? "valid" : std::string(code_name(result.error().code));
}

TEST(PasskeyStatement, OneThingWrongEachIsRefused) {
  const EnrolledOperators operators = ada();
  ASSERT_EQ(operators.keys_of("ada"), 2u);
  for (const json::Value& row : rows()) {
    SCOPED_TRACE(text_of(row, "name"));
    const Result<VerifiedStatement> verified =
        verify_passkey_statement(evidence_of(row), operators, party());
    EXPECT_EQ(outcome(verified), text_of(row, "expect"))
        << (verified ? "" : verified.error().message);
    if (verified) {
      EXPECT_EQ(canonical_statement(verified->statement), text_of(row, "statement"));
      EXPECT_EQ(verified->evidence, evidence_of(row));
    }
  }
}

TEST(PasskeyStatement, NeedsAllOfItsEvidenceAndNothingElse) {
  const EnrolledOperators operators = ada();
  const Evidence good = evidence_of(rows().front());
  ASSERT_TRUE(verify_passkey_statement(good, operators, party()));
  for (std::string Evidence::*part : {&Evidence::statement, &Evidence::authenticator_data,
                                      &Evidence::client_data, &Evidence::signature}) {
    Evidence less = good;
    (less.*part).clear();
    EXPECT_EQ(outcome(verify_passkey_statement(less, operators, party())), "token_invalid");
    Evidence much = good;
    (much.*part).append(kMaxEvidenceBytes, 'A');
    EXPECT_EQ(outcome(verify_passkey_statement(much, operators, party())), "token_invalid");
    Evidence padded = good;
    padded.*part += "=";
    EXPECT_EQ(outcome(verify_passkey_statement(padded, operators, party())), "token_invalid");
  }
  Evidence both = good;
  both.token = "token";
  EXPECT_EQ(outcome(verify_passkey_statement(both, operators, party())), "token_invalid");
}

// Who verifies says where people sign; what the evidence says of it counts for nothing.
TEST(PasskeyStatement, IsOfTheRelyingPartyThatTheVerifierKnows) {
  const EnrolledOperators operators = ada();
  const Evidence good = evidence_of(rows().front());
  for (const sign_in::RelyingParty& other :
       {sign_in::RelyingParty{"pawl.example.org", "https://pawl.example.net"},
        sign_in::RelyingParty{"example.org", "https://pawl.example.org"},
        sign_in::RelyingParty{}}) {
    EXPECT_EQ(outcome(verify_passkey_statement(good, operators, other)), "token_invalid");
  }
}

// A key of the command line is no passkey.
TEST(PasskeyStatement, NeedsAKeyThatWasEnrolledAsAPasskey) {
  EnrolledOperators operators;
  Enrollment said;
  said.operator_name = "ada";
  said.key = *PublicKey::from_jwk(*json::find(rows().front(), {"key"}));
  said.kid = said.key->thumbprint();
  said.roles = {"approver"};
  said.bootstrap = true;
  said.id = id_of(1);
  said.exp = kNow + 60;
  operators.apply({said, kNow, "token"});
  ASSERT_EQ(operators.keys_of("ada"), 1u);
  EXPECT_EQ(outcome(verify_passkey_statement(evidence_of(rows().front()), operators, party())),
            "forbidden");
}

}  // namespace
}  // namespace pawl::approval
