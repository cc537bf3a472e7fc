// Ed25519 (RFC 8032) by libsodium, which signs and verifies in half the time of OpenSSL 3.0.
//
// Purpose:    a checkpoint is signed for every batch of the ledger, while its callers wait.
// Threading:  any thread. A Secret is immutable.
// Ownership:  a Secret wipes its bytes when it goes.
// Not errors: a public key of small order, or one not in its shortest form: it verifies nothing.
// Internal to src/foundation/crypto; keys are read, written and made by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/crypto/openssl_check.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::ed25519 {

inline constexpr std::size_t kPublicSize = 32;
inline constexpr std::size_t kSignatureSize = 64;

// The 32 bytes of the public part of an Ed25519 key; nullopt: the library failed.
std::optional<std::string> public_part(const EVP_PKEY* pkey);

Verdict3 verify(std::string_view public_part, std::string_view message, std::string_view signature);

class Secret {
 public:
  // Of a key pair; null: the library failed.
  static std::shared_ptr<const Secret> of(const EVP_PKEY* pkey);
  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  std::optional<std::string> sign(std::string_view message) const;

 private:
  Secret() = default;
  std::array<unsigned char, 64> bytes_{};  // seed and public part, as libsodium keeps them
};

}  // namespace pawl::ed25519
