// Registrations and assertions of another implementation: good ones, and each with one thing wrong.
#include "operators/sign_in/webauthn.h"

#include <gtest/gtest.h>

#include "tests/foundation/crypto/vectors.h"

namespace pawl::sign_in {
namespace {

using testing::base64url_of;
using testing::text_of;

constexpr const char* kFile = "webauthn/passkeys.json";

RelyingParty party() {
  return {"pawl.example.org", "https://pawl.example.org"};
}

Digest challenge() {
  return sha256("a challenge");
}

std::uint32_t number_of(const json::Value& row, std::string_view member) {
  const json::Value* value = json::find(row, {member});
  return value == nullptr ? 0 : value->to_number<std::uint32_t>();
}

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "valid" : std::string(code_name(result.error().code));
}

TEST(PasskeyAssertion, OneThingWrongEachIsRefused) {
  for (const json::Value& row : testing::vectors(kFile, "assertions")) {
    SCOPED_TRACE(text_of(row, "name"));
    const Passkey passkey{"ASNFZ4mrze8BI0VniavN7w", text_of(row, "rp_id"),
                          *PublicKey::from_jwk(*json::find(row, {"key"})),
                          number_of(row, "counter")};
    const Assertion assertion{text_of(row, "credential"), base64url_of(row, "authenticator_data"),
                              base64url_of(row, "client_data"), base64url_of(row, "signature")};
    const Result<Verified> verified = verify_assertion(assertion, passkey, challenge(), party());
    EXPECT_EQ(outcome(verified), text_of(row, "expect"))
        << (verified ? "" : verified.error().message);
    if (verified) {
      EXPECT_EQ(verified->counter, number_of(row, "new_counter"));
    }
  }
}

TEST(PasskeyRegistration, OneThingWrongEachIsRefused) {
  for (const json::Value& row : testing::vectors(kFile, "registrations")) {
    SCOPED_TRACE(text_of(row, "name"));
    const Result<Passkey> made = verify_registration(
        {base64url_of(row, "client_data"), base64url_of(row, "attestation_object")}, challenge(),
        party());
    EXPECT_EQ(outcome(made), text_of(row, "expect")) << (made ? "" : made.error().message);
    if (made) {
      EXPECT_EQ(made->credential, text_of(row, "credential"));
      EXPECT_EQ(made->rp_id, party().id);
      EXPECT_EQ(made->key.thumbprint(),
                PublicKey::from_jwk(*json::find(row, {"key"}))->thumbprint());
      EXPECT_EQ(made->counter, number_of(row, "new_counter"));
    }
  }
}

// Every byte of what is signed, and of the signature, counts.
TEST(PasskeyAssertion, NoChangedByteIsTaken) {
  const json::Value row = testing::vectors(kFile, "assertions").front();
  const Passkey passkey{text_of(row, "credential"), text_of(row, "rp_id"),
                        *PublicKey::from_jwk(*json::find(row, {"key"})), number_of(row, "counter")};
  const Assertion good{text_of(row, "credential"), base64url_of(row, "authenticator_data"),
                       base64url_of(row, "client_data"), base64url_of(row, "signature")};
  ASSERT_TRUE(verify_assertion(good, passkey, challenge(), party()));
  for (std::string Assertion::*part :
       {&Assertion::authenticator_data, &Assertion::client_data, &Assertion::signature}) {
    for (std::size_t i = 0; i < (good.*part).size(); ++i) {
      Assertion changed = good;
      (changed.*part)[i] = static_cast<char>((changed.*part)[i] ^ 0x20);
      EXPECT_FALSE(verify_assertion(changed, passkey, challenge(), party())) << i;
    }
  }
}

}  // namespace
}  // namespace pawl::sign_in
