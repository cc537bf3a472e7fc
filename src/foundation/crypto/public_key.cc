#include <utility>

#include "base/assert.h"
#include "foundation/crypto/ecdsa_signature.h"
#include "foundation/crypto/jwk.h"
#include "foundation/crypto/key_handle.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

using namespace openssl;

namespace {

Result<PublicKey> adopt(Result<Pkey> pkey) {
  if (!pkey) {
    return fail(pkey.error());
  }
  return adopt_public_key(std::move(*pkey));
}

Verdict3 verify_digest(const KeyHandle& key, Algorithm algorithm, std::string_view digest,
                       std::string_view signature) {
  EVP_PKEY_CTX* context = kept_context(key, Operation::kVerify, algorithm);
  if (context == nullptr) {
    return Verdict3::kCannotDecide;
  }
  const Verdict3 verdict = check_verify(EVP_PKEY_verify(
      context, octets_of(signature), signature.size(), octets_of(digest), digest.size()));
  if (verdict == Verdict3::kCannotDecide) {
    drop_context(key, Operation::kVerify, algorithm);
  }
  return verdict;
}

Verdict3 verify_ecdsa(const KeyHandle& key, Algorithm algorithm, std::size_t width,
                      std::string_view digest, std::string_view signature) {
  if (signature.size() != 2 * width) {
    return Verdict3::kInvalid;
  }
  const std::optional<std::string> der = der_from_raw(signature, width);
  return der ? verify_digest(key, algorithm, digest, *der) : Verdict3::kCannotDecide;
}

Verdict3 verify_rsa(const KeyHandle& key, Algorithm algorithm, std::string_view message,
                    std::string_view signature) {
  // Exactly as long as the modulus (RFC 8017, 8.1.2 and 8.2.2, step 1).
  if (!check_count(EVP_PKEY_get_size(key.pkey.get()), static_cast<int>(signature.size()))) {
    return Verdict3::kInvalid;
  }
  return verify_digest(key, algorithm, view(sha256(message)), signature);
}

Verdict3 verify_es384(const KeyHandle& key, std::string_view message, std::string_view signature) {
  std::string digest(48, '\0');
  unsigned int size = 0;
  if (!check_one(EVP_Digest(message.data(), message.size(), octets_of(digest), &size, EVP_sha384(),
                            nullptr)) ||
      size != digest.size()) {
    return Verdict3::kCannotDecide;
  }
  return verify_ecdsa(key, Algorithm::kEs384, 48, digest, signature);
}

Verdict3 verify_with(const KeyHandle& key, Algorithm algorithm, std::string_view message,
                     std::string_view signature) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return verify_ecdsa(key, algorithm, 32, view(sha256(message)), signature);
    case Algorithm::kEs384:
      return verify_es384(key, message, signature);
    case Algorithm::kEdDsa:
      return ed25519::verify(key.ed25519, message, signature);
    case Algorithm::kRs256:
    case Algorithm::kPs256:
      return verify_rsa(key, algorithm, message, signature);
  }
  return Verdict3::kCannotDecide;
}

// EC: a point on the curve, not infinity. RSA: an odd composite modulus, an odd exponent.
// Ed25519 has no such test; a bad encoding never verifies anything.
bool is_sound(const KeyHandle& key) {
  if (key.kind == KeyKind::kEd25519) {
    return true;
  }
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  return check_not_null(context) && check_one(EVP_PKEY_public_check(context.get()));
}

}  // namespace

namespace openssl {

Result<PublicKey> adopt_public_key(Pkey pkey) {
  Result<KeyHandle> key = adopt_key(std::move(pkey));
  if (!key) {
    return fail(key.error());
  }
  if (!is_sound(*key)) {
    return openssl_fail(Code::kMalformed, "the public key is not sound");
  }
  Result<std::string> jwk = jwk_of(key->pkey.get(), key->kind);
  if (!jwk) {
    return fail(jwk.error());
  }
  std::string thumbprint = digest_text(sha256(*jwk));
  return PublicKey(std::make_shared<const PublicKey::Impl>(
      PublicKey::Impl{std::move(*key), std::move(*jwk), std::move(thumbprint)}));
}

}  // namespace openssl

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  return adopt(public_key_from_pem(pem));
}

Result<PublicKey> PublicKey::from_jwk(const json::Value& jwk) {
  return adopt(public_key_from_jwk(jwk));
}

Result<PublicKey> PublicKey::from_ed25519(std::string_view raw) {
  return adopt(public_key_from_ed25519(raw));
}

KeyKind PublicKey::kind() const {
  return impl_->key.kind;
}
std::string PublicKey::to_pem() const {
  return public_key_to_pem(impl_->key.pkey.get());
}
std::string PublicKey::to_jwk() const {
  return impl_->jwk;
}
std::string PublicKey::thumbprint() const {
  return impl_->thumbprint;
}

Result<std::string> PublicKey::ed25519_raw() const {
  if (kind() != KeyKind::kEd25519) {
    return fail(Code::kUnsupported, "only an Ed25519 key has a raw form");
  }
  return impl_->key.ed25519;
}

Verdict3 PublicKey::verify(std::string_view alg, std::string_view message,
                           std::string_view signature) const {
  const std::optional<Algorithm> algorithm = parse_algorithm(alg);
  if (!algorithm) {
    return Verdict3::kCannotDecide;
  }
  if (key_kind_of(*algorithm) != kind()) {
    return Verdict3::kInvalid;
  }
  const Verdict3 verdict = verify_with(impl_->key, *algorithm, message, signature);
  if (verdict != Verdict3::kValid) {
    forget_errors();
  }
  return verdict;
}

}  // namespace pawl
