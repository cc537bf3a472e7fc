// Key pairs: ES256 for tokens, Ed25519 for checkpoints; RSA public keys only to verify JWTs.
//
// Threading:  a SigningKey or PublicKey may be used from any thread (contexts are kept per thread).
// Ownership:  shared, immutable handles; copying is cheap.
// Errors:     kMalformed (not a key of a supported kind), kInternal (library failure).
// Verification answers kValid, kInvalid or kCannotDecide; only kValid passes.
//
// Example:
//   Result<SigningKey> key = SigningKey::generate(KeyKind::kP256);
//   Result<std::string> signature = key->sign(message);
//   if (key->public_key().verify("ES256", message, *signature) != Verdict3::kValid) { refuse }
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace pawl {

enum class KeyKind { kP256, kP384, kEd25519, kRsa };
enum class Verdict3 { kValid, kInvalid, kCannotDecide };

class PublicKey {
 public:
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  // SubjectPublicKeyInfo or certificate (whose dates and issuer are not looked at).
  static Result<PublicKey> from_pem(std::string_view pem);
  static Result<PublicKey> from_jwk(const json::Value& jwk);    // RFC 7517: EC, OKP, RSA
  static Result<PublicKey> from_ed25519(std::string_view raw);  // 32 bytes

  KeyKind kind() const;
  std::string to_pem() const;
  std::string to_jwk() const;               // JSON text, members in the order of RFC 7638
  std::string thumbprint() const;           // RFC 7638, SHA-256, base64url (43 characters)
  Result<std::string> ed25519_raw() const;  // 32 bytes; kUnsupported for other kinds
  // alg: "ES256" | "ES384" | "EdDSA" | "RS256" | "PS256" (algorithm.h), of the key's own kind.
  // Signature in JWS form (raw r||s for ECDSA). kCannotDecide also for an unknown alg.
  Verdict3 verify(std::string_view alg, std::string_view message, std::string_view signature) const;

 private:
  std::shared_ptr<const Impl> impl_;
};

class SigningKey {
 public:
  struct Impl;
  explicit SigningKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  static Result<SigningKey> generate(KeyKind kind);          // kP256 or kEd25519
  static Result<SigningKey> from_pem(std::string_view pem);  // PKCS #8
  std::string to_pem() const;                                // PKCS #8, for the keystore only

  KeyKind kind() const;
  PublicKey public_key() const;
  // ES256 (64 bytes r||s) for P-256, Ed25519 (64 bytes) for Ed25519.
  Result<std::string> sign(std::string_view message) const;
  // An error: whoever holds the key is gone, as far as can be seen without a signature and without
  // waiting. A key of a file is always there.
  Status look() const;

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace pawl
