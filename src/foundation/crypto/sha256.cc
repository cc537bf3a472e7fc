#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_Init, _Update, _Final
#include "foundation/crypto/sha256.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/assert.h"
#include "base/encoding.h"
#include "foundation/crypto/openssl_check.h"

namespace pawl {
namespace {

using namespace openssl;

// SHA-256 itself, not through EVP: half of what the hash of a tree's node takes would be the way
// there. Deprecated for applications that want another provider; the code behind is the same.
void start(SHA256_CTX& context) {
  PAWL_CHECK(check_one(SHA256_Init(&context)), "SHA-256 start");
}

void add(SHA256_CTX& context, std::string_view bytes) {
  PAWL_CHECK(check_one(SHA256_Update(&context, bytes.data(), bytes.size())), "SHA-256 update");
}

Digest end(SHA256_CTX& context) {
  Digest digest;
  PAWL_CHECK(check_one(SHA256_Final(digest.data(), &context)), "SHA-256 end");
  return digest;
}

MacContext new_hmac_context() {
  static EVP_MAC* const kAlgorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  PAWL_CHECK(kAlgorithm != nullptr, "this OpenSSL has no HMAC");
  MacContext context(EVP_MAC_CTX_new(kAlgorithm));
  PAWL_CHECK(check_not_null(context), "out of memory");
  return context;
}

}  // namespace

Digest sha256(std::string_view bytes) {
  return sha256({bytes});
}

Digest sha256(std::initializer_list<std::string_view> parts) {
  SHA256_CTX context;
  start(context);
  for (const std::string_view part : parts) {
    add(context, part);
  }
  return end(context);
}

std::string digest_text(const Digest& digest) {
  return base64url_encode(view(digest));
}

struct Sha256::Impl {
  SHA256_CTX context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  start(impl_->context);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
void Sha256::update(std::string_view bytes) {
  add(impl_->context, bytes);
}
Digest Sha256::finish() {
  return end(impl_->context);
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  // A new context each time: a kept one would keep the key.
  const MacContext context = new_hmac_context();
  char name[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key means "the key of before" to EVP_MAC_init, so an empty key needs an address.
  const unsigned char* key_octets = octets_of(key.empty() ? std::string_view("") : key);
  PAWL_CHECK(check_one(EVP_MAC_init(context.get(), key_octets, key.size(), params)), "HMAC start");
  PAWL_CHECK(check_one(EVP_MAC_update(context.get(), octets_of(bytes), bytes.size())),
             "HMAC update");
  Digest digest;
  std::size_t size = 0;
  PAWL_CHECK(check_one(EVP_MAC_final(context.get(), digest.data(), &size, digest.size())),
             "HMAC end");
  PAWL_CHECK(size == digest.size(), "HMAC-SHA-256 has 32 bytes");
  return digest;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && check_zero(CRYPTO_memcmp(a.data(), b.data(), a.size()));
}

}  // namespace pawl
