#include "foundation/crypto/signing_key.h"

#include <utility>

#include "base/assert.h"
#include "foundation/crypto/ecdsa_signature.h"
#include "foundation/crypto/key_handle.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/sha256.h"

namespace pawl {

using namespace openssl;

namespace {

// DER of two 256-bit numbers: at most 72 bytes.
constexpr std::size_t kMaxDer = 72;

// A second handle without the private part, by way of its SubjectPublicKeyInfo.
Result<PublicKey> public_part(EVP_PKEY* pkey) {
  unsigned char* written = nullptr;
  const int size = i2d_PUBKEY(pkey, &written);
  const Octets der(written);
  if (!check_positive(size)) {
    return openssl_fail(Code::kInternal, "cannot write the public part of a key");
  }
  const unsigned char* in = der.get();
  Pkey part(d2i_PUBKEY(nullptr, &in, size));
  if (!check_not_null(part)) {
    return openssl_fail(Code::kInternal, "cannot read the public part of a key");
  }
  return adopt_public_key(std::move(part));
}

Result<SigningKey> adopt_signing_key(Pkey pkey) {
  Result<KeyHandle> key = adopt_key(std::move(pkey));
  if (!key) {
    return fail(key.error());
  }
  if (key->kind != KeyKind::kP256 && key->kind != KeyKind::kEd25519) {
    return fail(Code::kMalformed, "a signing key must be EC on P-256 or Ed25519");
  }
  Result<PublicKey> part = public_part(key->pkey.get());
  if (!part) {
    return fail(part.error());
  }
  std::shared_ptr<const ed25519::Secret> secret;
  if (key->kind == KeyKind::kEd25519) {
    secret = ed25519::Secret::of(key->pkey.get());
    if (secret == nullptr) {
      return openssl_fail(Code::kInternal, "cannot read the private part of an Ed25519 key");
    }
  }
  return SigningKey(std::make_shared<const SigningKey::Impl>(
      SigningKey::Impl{std::move(*key), std::move(*part), std::move(secret), nullptr}));
}

// PKCS #8 may carry a public part of its own; it must be that of the private part.
bool halves_fit(EVP_PKEY* pkey) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  return check_not_null(context) && check_one(EVP_PKEY_pairwise_check(context.get()));
}

Result<std::string> sign_es256(const KeyHandle& key, std::string_view message) {
  const Digest digest = sha256(message);
  EVP_PKEY_CTX* context = kept_context(key, Operation::kSign, Algorithm::kEs256);
  if (context == nullptr) {
    return openssl_fail(Code::kInternal, "cannot set up signing");
  }
  std::string der(kMaxDer, '\0');
  std::size_t size = der.size();
  if (!check_one(EVP_PKEY_sign(context, octets_of(der), &size, digest.data(), digest.size()))) {
    drop_context(key, Operation::kSign, Algorithm::kEs256);
    return openssl_fail(Code::kInternal, "cannot sign");
  }
  std::optional<std::string> raw = raw_from_der(std::string_view(der).substr(0, size), 32);
  if (!raw) {
    return openssl_fail(Code::kInternal, "cannot convert a signature");
  }
  return std::move(*raw);
}

Result<std::string> sign_ed25519(const ed25519::Secret& secret, std::string_view message) {
  std::optional<std::string> signature = secret.sign(message);
  if (!signature) {
    return fail(Code::kInternal, "cannot sign");
  }
  return std::move(*signature);
}

Result<std::string> sign_held(const SigningKey::Impl& impl, std::string_view message) {
  Result<std::string> signature = impl.holder->sign(message);
  if (signature && impl.public_key.verify(default_algorithm(impl.key.kind), message, *signature) !=
                       Verdict3::kValid) {
    return fail(Code::kInternal,
                "whoever holds the key gave a signature that its public part does not verify");
  }
  return signature;
}

}  // namespace

SigningKey held_key(PublicKey part, std::shared_ptr<const KeyHolder> holder) {
  const KeyKind kind = part.kind();
  PAWL_CHECK(kind == KeyKind::kP256 || kind == KeyKind::kEd25519, "a held key signs");
  return SigningKey(std::make_shared<const SigningKey::Impl>(SigningKey::Impl{
      KeyHandle{nullptr, kind, 0, {}}, std::move(part), nullptr, std::move(holder)}));
}

Result<SigningKey> SigningKey::generate(KeyKind kind) {
  Pkey pkey;
  if (kind == KeyKind::kP256) {
    pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  } else if (kind == KeyKind::kEd25519) {
    pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  } else {
    return fail(Code::kUnsupported, "keys are made for P-256 and Ed25519 only");
  }
  if (!check_not_null(pkey)) {
    return openssl_fail(Code::kInternal, "cannot generate a key");
  }
  return adopt_signing_key(std::move(pkey));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  Result<Pkey> pkey = private_key_from_pem(pem);
  if (!pkey) {
    return fail(pkey.error());
  }
  if (!halves_fit(pkey->get())) {
    return openssl_fail(Code::kMalformed, "a private key that does not fit its public part");
  }
  return adopt_signing_key(std::move(*pkey));
}

std::string SigningKey::to_pem() const {
  PAWL_CHECK(impl_->holder == nullptr, "a held key is not written");
  return private_key_to_pem(impl_->key.pkey.get());
}
KeyKind SigningKey::kind() const {
  return impl_->key.kind;
}
PublicKey SigningKey::public_key() const {
  return impl_->public_key;
}

Result<std::string> SigningKey::sign(std::string_view message) const {
  if (impl_->holder != nullptr) {
    return sign_held(*impl_, message);
  }
  return impl_->key.kind == KeyKind::kP256 ? sign_es256(impl_->key, message)
                                           : sign_ed25519(*impl_->secret, message);
}

Status SigningKey::look() const {
  return impl_->holder == nullptr ? Status() : impl_->holder->look();
}

}  // namespace pawl
