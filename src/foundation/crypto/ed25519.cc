#include "foundation/crypto/ed25519.h"

#include <sodium.h>

namespace pawl::ed25519 {
namespace {

static_assert(kPublicSize == crypto_sign_PUBLICKEYBYTES && kSignatureSize == crypto_sign_BYTES);

// Chooses the fastest code for this processor, once.
bool ready() {
  static const bool is_ready = sodium_init() >= 0;
  return is_ready;
}

}  // namespace

std::optional<std::string> public_part(const EVP_PKEY* pkey) {
  std::string raw(kPublicSize, '\0');
  std::size_t size = raw.size();
  if (!openssl::check_one(EVP_PKEY_get_raw_public_key(pkey, openssl::octets_of(raw), &size)) ||
      size != raw.size()) {
    return std::nullopt;
  }
  return raw;
}

Verdict3 verify(std::string_view public_part, std::string_view message,
                std::string_view signature) {
  if (!ready()) {
    return Verdict3::kCannotDecide;
  }
  if (public_part.size() != kPublicSize || signature.size() != kSignatureSize) {
    return Verdict3::kInvalid;
  }
  const int verified =
      crypto_sign_verify_detached(openssl::octets_of(signature), openssl::octets_of(message),
                                  message.size(), openssl::octets_of(public_part));
  return verified == 0 ? Verdict3::kValid : Verdict3::kInvalid;
}

std::shared_ptr<const Secret> Secret::of(const EVP_PKEY* pkey) {
  std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
  std::array<unsigned char, kPublicSize> unused{};
  std::size_t size = seed.size();
  std::shared_ptr<Secret> secret(new Secret);
  const bool made =
      ready() && openssl::check_one(EVP_PKEY_get_raw_private_key(pkey, seed.data(), &size)) &&
      size == seed.size() &&
      crypto_sign_seed_keypair(unused.data(), secret->bytes_.data(), seed.data()) == 0;
  sodium_memzero(seed.data(), seed.size());
  return made ? secret : nullptr;
}

Secret::~Secret() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

std::optional<std::string> Secret::sign(std::string_view message) const {
  std::string signature(kSignatureSize, '\0');
  if (crypto_sign_detached(openssl::octets_of(signature), nullptr, openssl::octets_of(message),
                           message.size(), bytes_.data()) != 0) {
    return std::nullopt;
  }
  return signature;
}

}  // namespace pawl::ed25519
