// What a PublicKey and a SigningKey hold, and the OpenSSL contexts kept for them.
//
// Purpose:    setting up an operation costs as much as a hash or two; each thread keeps the
// contexts
//             of the keys it used last (a fixed number; an older one is rebuilt when needed).
// Threading:  a KeyHandle is immutable; a kept context belongs to the calling thread.
// Ownership:  a kept context holds its own reference to the key, so a key lives in memory until its
//             contexts are pushed out or the threads that used it end.
// Internal to src/foundation/crypto.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/crypto/algorithm.h"
#include "foundation/crypto/ed25519.h"
#include "foundation/crypto/held_key.h"
#include "foundation/crypto/openssl_check.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

struct KeyHandle {
  openssl::Pkey pkey;
  KeyKind kind;
  std::uint64_t id;     // unique in the process, never reused
  std::string ed25519;  // the 32 bytes of the public part; empty for other kinds
};

struct PublicKey::Impl {
  KeyHandle key;
  std::string jwk;
  std::string thumbprint;
};

struct SigningKey::Impl {
  KeyHandle key;
  PublicKey public_key;
  std::shared_ptr<const ed25519::Secret> secret;  // of Ed25519 only
  std::shared_ptr<const KeyHolder> holder;        // then `key` has no handle
};

namespace openssl {

// Takes the key when its kind is supported: P-256 and P-384 by name, Ed25519, RSA of 2048 to 8192
// bits. kMalformed otherwise.
Result<KeyHandle> adopt_key(Pkey pkey);
// Checks the public key and derives its JWK and thumbprint.
Result<PublicKey> adopt_public_key(Pkey pkey);

enum class Operation { kSign, kVerify };
// A context set up for pre-hashed ECDSA and RSA signatures of `algorithm`; nullptr: the library
// failed. Not for Ed25519, which takes the message whole.
EVP_PKEY_CTX* kept_context(const KeyHandle& key, Operation operation, Algorithm algorithm);
// To be called after an operation failed for a reason other than the signature.
void drop_context(const KeyHandle& key, Operation operation, Algorithm algorithm);

}  // namespace openssl
}  // namespace pawl
