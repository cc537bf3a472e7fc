// An authenticator in software: what a browser sends for an approval, and the same with one thing
// wrong. Ed25519, whose signatures stand as they are.
//
// Example:    const Evidence good = SoftwarePasskey(party).sign(statement);
#pragma once

#include <string>

#include "base/encoding.h"
#include "operators/approval/enrollment.h"
#include "operators/approval/statement_wire.h"
#include "operators/sign_in/webauthn.h"

namespace pawl::approval {

class SoftwarePasskey {
 public:
  static constexpr char kPresent = 0x01, kVerified = 0x04;

  explicit SoftwarePasskey(sign_in::RelyingParty party) : party_(std::move(party)) {}

  PublicKey key() const { return key_.public_key(); }
  std::string kid() const { return key().thumbprint(); }
  Passkey passkey() const { return {base64url_encode("credential of " + kid()), party_.id}; }

  Evidence sign(Statement said, char flags = kPresent | kVerified) const {
    said.key = kid();
    return sign(canonical_statement(said), statement_digest(said), flags);
  }
  // `challenge`: what the authenticator was asked to sign.
  Evidence sign(const std::string& statement, const Digest& challenge,
                char flags = kPresent | kVerified) const {
    const std::string data =
        std::string(view(sha256(party_.id))) + flags + std::string("\0\0\0\1", 4);
    const std::string client = R"({"type":"webauthn.get","challenge":")" + digest_text(challenge) +
                               R"(","origin":")" + party_.origin + R"(","crossOrigin":false})";
    const Result<std::string> signature = key_.sign(data + std::string(view(sha256(client))));
    return {"", statement, base64url_encode(data), base64url_encode(client),
            base64url_encode(*signature)};
  }

 private:
  sign_in::RelyingParty party_;
  SigningKey key_ = *SigningKey::generate(KeyKind::kEd25519);
};

}  // namespace pawl::approval
